// Archives: sent, followed, and the list of jobs; one job is shown by its own view.

import { getJson, path, query, upload } from '../core/api.js';
import { button, choice, field, fill, h } from '../core/dom.js';
import { bytes, moment, number, saying, t } from '../core/say.js';
import { needs } from '../core/scopes.js';
import { dropZone, picker } from '../parts/files.js';
import { empty, failed, waiting } from '../parts/states.js';
import { JobView } from './archives/job.js';

const PAGE = 20;

export class ArchivesView {
  constructor(house) {
    this.house = house;
    this.jobs = [];
    this.list = h('div', { class: 'card flush' });
    this.more = button('action.more', () => this.load(this.next), { kind: 'quiet' });
    this.front = h('div', { class: 'view' }, h('h1', { class: 'visually-hidden', say: 'nav.archives' }), this.sender(), h('h2', { say: 'archives.jobs' }), this.list, this.more);
    this.place = h('div', {});
    this.node = h('section', { class: 'view archives' }, this.front, this.place);
    document.addEventListener('taoxi:key', () => !this.node.hidden && this.opened(this.open));
  }

  opened(job) {
    this.open = job;
    this.job?.closed();
    this.job = null;
    this.front.hidden = Boolean(job);
    fill(this.place);
    if (job) {
      this.job = new JobView(job, this.house);
      fill(this.place, this.job.node);
    } else this.load();
  }

  closed() {
    this.job?.closed();
  }

  sender() {
    this.keep = choice(['longest', 'cleanest', 'earliest', 'first'].map((value) => ({ value, say: `keep.${value}` })), { value: 'longest' });
    this.collection = choice([{ value: '', say: 'archives.no-collection' }]);
    this.duplicates = choice(['error', 'suffix'].map((value) => ({ value, say: `archives.id-${value}` })), { value: 'error' });
    this.state = h('div', {});
    const pick = needs(picker('archives.pick', ([file]) => this.send(file)), 'index');
    const card = h('div', { class: 'card input-card drop-target' }, h('div', { class: 'bar' }, pick, h('span', { class: 'faint', say: 'archives.drop' })),
      h('div', { class: 'fields' }, field('archives.keep', this.keep), field('archives.against', this.collection), field('archives.id-dup', this.duplicates)), this.state);
    dropZone(card, ([file]) => this.send(file));
    return card;
  }

  async send(file) {
    const stop = new AbortController();
    const bar = h('progress', { max: 1, value: 0, label: 'archives.sending' });
    const told = h('p', { class: 'faint', role: 'status' });
    fill(this.state, told, bar, button('action.cancel', () => stop.abort(), { kind: 'quiet' }));
    const show = (sent, all) => {
      bar.value = all ? sent / all : 0;
      saying(told, () => t('archives.sent', { name: file.name, sent: bytes(sent), all: bytes(all) }));
    };
    show(0, file.size);
    try {
      const asked = query({ name: file.name, keep: this.keep.value, collection: this.collection.value, id_dup: this.duplicates.value, copies: 'true' });
      const { job } = await upload(`v1/jobs/dedupe${asked}`, file, show, stop.signal);
      fill(this.state);
      this.house.go(`archives/${job}`);
    } catch (problem) {
      fill(this.state, problem.name === 'AbortError' ? null : failed(problem, () => this.send(file)));
    }
  }

  async load(before) {
    if (!before) {
      fill(this.list, this.jobs.length ? null : waiting());
      this.jobs = [];
      this.collections();
    }
    this.more.hidden = true;
    try {
      const { jobs, next } = await getJson(`v1/jobs${query({ limit: PAGE, before })}`);
      this.jobs.push(...jobs.filter(({ kind }) => !kind || kind === 'dedupe'));
      this.next = next;
      fill(this.list, this.jobs.length ? this.jobs.map((job) => this.line(job)) : empty('archives.empty'));
      this.more.hidden = !next;
    } catch (problem) {
      fill(this.list, failed(problem, () => this.load()));
    }
  }

  async collections() {
    const { collections } = await getJson(path('collections')).catch(() => ({ collections: [] }));
    fill(this.collection, h('option', { value: '', say: 'archives.no-collection' }), collections.map(({ name }) => h('option', { value: name }, name)));
  }

  line(job) {
    const { counts } = job;
    const told = () => (counts ? t('archives.kept-of', { kept: number(counts.kept), n: counts.documents }) : '');
    return h('a', { class: 'list-row job-row', href: `#/archives/${job.job}` }, h('span', { class: 'name' }, job.name), saying(h('span', { class: 'faint' }), told), saying(h('span', { class: 'faint' }), () => bytes(job.bytes)), saying(h('span', { class: 'faint' }), () => moment(job.created)), h('span', { class: `tag state-${job.state}`, say: `job.${job.state}` }));
  }
}

