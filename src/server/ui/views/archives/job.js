// One job: its progress while it works, then what it found.

import { ask, events, getJson, path } from '../../core/api.js';
import { button, fill, h } from '../../core/dom.js';
import { bytes, moment, number, percent, saying, t } from '../../core/say.js';
import { needs } from '../../core/scopes.js';
import { confirm } from '../../parts/confirm.js';
import { fetchFile } from '../../parts/download.js';
import { bars, figures } from '../../parts/figures.js';
import { segments } from '../../parts/segments.js';
import { failed, waiting } from '../../parts/states.js';
import { Clusters } from './clusters.js';
import { Outcome } from './outcome.js';
import { Review } from './review.js';

const STAGES = ['wash', 'candidates', 'compare', 'settle', 'passages', 'write'];
const AGAIN = 2000;

export class JobView {
  constructor(id, house) {
    [this.id, this.house, this.stop] = [id, house, new AbortController()];
    this.head = h('div', { class: 'page-head' });
    this.body = h('div', { class: 'view' }, waiting());
    this.node = h('div', { class: 'view' }, h('a', { href: '#/archives', class: 'back', say: 'archives.back' }), this.head, this.body);
    this.follow();
  }

  closed() {
    this.stop.abort();
  }

  // Follows the job to its end; a connection that breaks is made again.
  async follow() {
    for (;;) {
      try {
        for await (const job of events(path('jobs', this.id, 'events'), this.stop.signal)) this.show(job);
        if (!this.job || ['done', 'failed', 'cancelled'].includes(this.job.state)) return;
      } catch (problem) {
        if (problem.name === 'AbortError') return;
        if (problem.status >= 400 && problem.status < 500) {
          fill(this.body, failed(problem));
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
      if (this.stop.signal.aborted) return;
    }
  }

  show(job) {
    const fresh = this.job?.state !== job.state;
    this.job = job;
    if (fresh) this.heading(job);
    if (job.state === 'done') {
      if (fresh) this.results();
    } else if (job.state === 'failed') fill(this.body, failed({ code: job.error.code, detail: job.error.message }));
    else if (job.state === 'cancelled') fill(this.body, h('p', { class: 'note', say: 'job.was-cancelled' }));
    else this.progress(job);
  }

  heading(job) {
    const ended = ['done', 'failed', 'cancelled'].includes(job.state);
    const remove = needs(button(ended ? 'job.remove' : 'job.cancel', () => this.remove(ended), { kind: 'quiet' }), 'index');
    const facts = saying(h('p', {}), () => t('job.facts', { size: bytes(job.bytes), at: moment(job.created), keep: t(`keep.${job.options.keep ?? 'longest'}`) }));
    fill(this.head, h('h1', {}, job.name), h('span', { class: `tag state-${job.state}`, say: `job.${job.state}` }), h('span', { class: 'spring' }), remove, facts);
  }

  progress(job) {
    if (!this.steps?.isConnected) {
      this.bar = h('progress', { max: 1, label: 'job.progress' });
      this.told = h('p', { class: 'faint', role: 'status' });
      const stages = STAGES.filter((stage) => stage !== 'passages' || job.options.passages);
      this.steps = h('ol', { class: 'stages' }, stages.map((stage) => h('li', { data: { stage }, say: `stage.${stage}` })));
      fill(this.body, h('div', { class: 'card input-card' }, this.steps, this.bar, this.told));
    }
    const at = STAGES.indexOf(job.stage);
    for (const step of this.steps.children) {
      const own = STAGES.indexOf(step.dataset.stage);
      step.className = own < at ? 'over' : own === at ? 'now' : '';
    }
    if (job.total) this.bar.value = Math.min(1, job.done / job.total);
    else this.bar.removeAttribute('value');
    const amount = (value) => (job.unit === 'bytes' ? bytes(value) : number(value));
    saying(this.told, () => {
      if (job.state === 'queued') return t('job.waits');
      const done = job.total ? t('job.done-of', { done: amount(job.done), total: amount(job.total) }) : amount(job.done ?? 0);
      return job.eta ? `${done} · ${t('job.eta', { n: job.eta })}` : done;
    });
  }

  async remove(ended) {
    if (ended && !(await confirm('job.remove-ask', { name: this.job.name }, 'job.remove'))) return;
    try {
      await ask(path('jobs', this.id), { method: 'DELETE' });
      if (ended) this.house.go('archives');
    } catch (problem) {
      this.body.prepend(failed(problem));
    }
  }

  async results() {
    fill(this.body, waiting());
    try {
      const { files } = await getJson(path('jobs', this.id, 'files'));
      const summary = await getJson(path('jobs', this.id, 'files', 'summary.json'));
      this.outcome = new Outcome(this.id, files);
      const parts = { summary: () => this.summary(summary), clusters: () => new Clusters(this.outcome, (pair) => this.review(pair)).node, review: () => this.reviewer().node, files: () => this.files(files) };
      const place = h('div', { class: 'view' });
      const show = (name) => fill(place, parts[name]());
      this.tabs = segments('job.parts', Object.keys(parts).map((value) => ({ value, say: `job.part-${value}` })), 'summary', show);
      this.choose = (name) => {
        this.tabs.node.querySelector(`[value="${name}"]`).checked = true;
        show(name);
      };
      fill(this.body, this.tabs.node, place);
      show('summary');
    } catch (problem) {
      fill(this.body, failed(problem, () => this.results()));
    }
  }

  reviewer() {
    return (this.reviews ??= new Review(this.id, this.outcome, this.job));
  }

  review(pair) {
    this.choose('review');
    this.reviewer().to(pair);
  }

  summary(summary) {
    const { bytes: size, copies, relations } = summary;
    const gone = size.text - size.kept_text;
    const kinds = (counts) => Object.entries(counts).sort((a, b) => b[1] - a[1]).map(([kind, value]) => ({ say: `kind-of.${kind}`, value }));
    const biggest = h('div', {}, waiting());
    const copied = kinds(copies);
    this.outcome.load().then(({ clusters }) => {
      const most = clusters.filter(({ members }) => members.length > 1).slice(0, 10);
      fill(biggest, most.length ? bars(most.map(({ id, members }) => ({ text: id, value: members.length, act: () => this.review({ cluster: id }) }))) : h('p', { class: 'faint', say: 'job.no-clusters' }));
    }, (problem) => fill(biggest, failed(problem)));
    return h('div', { class: 'view' },
      figures([
        ['job.documents', () => number(summary.documents), () => t('job.failed-n', { n: summary.failed })],
        ['job.kept', () => number(summary.kept), () => percent(summary.documents ? summary.kept / summary.documents : 0)],
        ['job.copies', () => number(summary.documents - summary.kept)],
        ['job.saved', () => bytes(gone), () => t('job.saved-of', { share: percent(size.text ? gone / size.text : 0) })],
        ['job.clusters', () => number(summary.clusters.count), () => t('job.largest', { n: summary.clusters.largest })],
      ]),
      h('div', { class: 'two' }, h('div', { class: 'card chart-card' }, h('h2', { say: 'job.copies-by-kind' }), copied.length ? bars(copied) : h('p', { class: 'faint', say: 'job.no-copies' }), h('h2', { say: 'job.relations-by-kind' }), bars(kinds(relations))),
        h('div', { class: 'card chart-card' }, h('h2', { say: 'job.biggest' }), biggest)));
  }

  files(files) {
    const state = h('div', {});
    const get = (name) => fetchFile(path('jobs', this.id, 'files', name), name).catch((problem) => fill(state, failed(problem)));
    return h('div', { class: 'card' }, state, h('table', {}, h('tbody', {}, files.map(({ name, bytes: size }) => h('tr', {}, h('td', {}, h('strong', {}, name), h('p', { class: 'faint small', say: `file.${name.replace('.zst', '')}` })), saying(h('td', { class: 'figure' }), () => bytes(size)), h('td', { class: 'figure' }, button('action.download', () => get(name), { kind: 'quiet', icon: 'down' })))))));
  }
}
