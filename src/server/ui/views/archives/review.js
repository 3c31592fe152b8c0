// The copies of a job looked at one by one: keep this, keep that, or no copy. What is decided is kept with the job.

import { getJson, path } from '../../core/api.js';
import { button, choice, fill, h, iconButton } from '../../core/dom.js';
import { say, t } from '../../core/say.js';
import { needs } from '../../core/scopes.js';
import { download } from '../../parts/download.js';
import { failed, waiting } from '../../parts/states.js';
import { Twin } from '../../parts/twin.js';
import { verdict } from '../../parts/verdict.js';

const CHOICES = ['keep_a', 'keep_b', 'not_a_copy'];

export class Review {
  constructor(job, outcome, about) {
    [this.job, this.outcome, this.about] = [job, outcome, about];
    [this.pairs, this.all, this.at, this.decided] = [[], [], 0, new Map()];
    this.twin = new Twin();
    this.verdict = h('div', { class: 'card' });
    this.counter = h('span', { class: 'counter', role: 'status' });
    this.progress = h('span', { class: 'counter' });
    this.kind = choice(['', 'truncated', 'near', 'exact'].map((value) => ({ value, say: value ? `kind-of.${value}` : 'review.all-kinds' })), { label: 'review.kinds', on: { change: () => this.filter() } });
    this.open = h('input', { type: 'checkbox', on: { change: () => this.filter() } });
    this.buttons = CHOICES.map((name, at) => needs(button(`review.${name}`, () => this.decide(name), { kind: 'choice', 'aria-pressed': 'false', 'aria-keyshortcuts': String(at + 1) }), 'index'));
    this.state = h('div', {}, waiting('clusters.reading'));
    this.place = h('div', { class: 'view', hidden: true }, this.verdict, this.twin.node);
    const bar = h('div', { class: 'card bar' }, iconButton('review.previous', 'up', () => this.step(-1)), iconButton('review.next', 'down', () => this.step(1)), this.counter, this.kind, h('label', { class: 'check' }, this.open, h('span', { say: 'review.undecided' })), h('span', { class: 'spring' }), this.progress, button('review.export', () => this.export(), { kind: 'quiet', icon: 'down' }));
    const choices = h('div', { class: 'bar choices', role: 'group', label: 'review.choices' }, this.buttons, h('span', { class: 'faint small', say: 'review.keys' }));
    this.node = h('div', { class: 'view review', on: { keydown: (event) => this.key(event) } }, bar, choices, this.state, this.place);
    this.ready = this.start();
  }

  async start() {
    try {
      const [{ pairs }, { decisions }] = await Promise.all([this.outcome.load(), getJson(path('jobs', this.job, 'decisions'))]);
      this.all = pairs;
      for (const decision of decisions) this.decided.set(`${decision.a}\n${decision.b}`, decision);
      this.filter();
    } catch (problem) {
      fill(this.state, failed(problem));
    }
  }

  // Goes to the pair of a copy, or to the first one of a cluster.
  async to({ id, cluster }) {
    await this.ready;
    this.kind.value = '';
    this.open.checked = false;
    this.filter(this.all.findIndex((pair) => (id ? pair.id === id : pair.cluster === cluster)));
  }

  filter(at = 0) {
    const kind = this.kind.value;
    this.pairs = this.all.filter((pair) => (!kind || pair.kind === kind) && (!this.open.checked || !this.decision(pair)));
    this.at = Math.max(0, at);
    this.show();
  }

  decision(pair) {
    return this.decided.get(`${pair.id}\n${pair.cluster}`)?.decision;
  }

  step(by) {
    if (!this.pairs.length) return;
    this.at = (this.at + by + this.pairs.length) % this.pairs.length;
    this.show();
  }

  key(event) {
    if (event.target.matches('input, select, textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = CHOICES[Number(event.key) - 1];
    if (chosen) this.buttons[Number(event.key) - 1].click();
    else if (event.key === 'n') this.step(1);
    else if (event.key === 'p') this.step(-1);
  }

  tell() {
    const pair = this.pairs[this.at];
    say(this.counter, pair ? 'review.at' : 'review.none', { at: this.at + 1, n: this.pairs.length });
    say(this.progress, 'review.decided', { n: this.decided.size, all: this.all.length });
    const chosen = pair && this.decision(pair);
    CHOICES.forEach((name, at) => this.buttons[at].setAttribute('aria-pressed', String(name === chosen)));
  }

  async show() {
    this.tell();
    const pair = this.pairs[this.at];
    this.place.hidden = !pair;
    if (!pair) {
      fill(this.state);
      return;
    }
    const slow = setTimeout(() => fill(this.state, waiting()), 200);
    try {
      const [a, b] = await Promise.all([this.outcome.record(pair.id), this.outcome.record(pair.cluster)]);
      const relation = (await this.outcome.relation(pair.id, pair.cluster)) ?? (await this.compare(a, b));
      if (this.pairs[this.at] !== pair) return;
      const own = relation.a === pair.id;
      const passages = (own ? relation.passages : relation.passages.map((passage) => ({ a: passage.b, b: passage.a }))).sort((x, y) => x.a[0] - y.a[0]);
      fill(this.state);
      fill(this.verdict, verdict(relation, { a: relation.a, b: relation.b }));
      this.twin.show({ name: pair.id, text: a.text }, { name: pair.cluster, note: t('compare.kept'), text: b.text }, passages);
    } catch (problem) {
      if (this.pairs[this.at] !== pair) return;
      this.place.hidden = true;
      fill(this.state, failed(problem, () => this.show()));
    } finally {
      clearTimeout(slow);
    }
  }

  // Two copies of one text need not have been compared with each other: then they are now.
  compare(a, b) {
    const { profile } = this.about.options;
    return getJson('v1/compare', { json: { a: { id: a.id, text: a.text, profile }, b: { id: b.id, text: b.text, profile } } });
  }

  // Decides, and goes on; the same choice once more takes it back.
  async decide(name) {
    const pair = this.pairs[this.at];
    if (!pair) return;
    const back = this.decision(pair) === name;
    try {
      const { decisions } = await getJson(path('jobs', this.job, 'decisions'), { json: { a: pair.id, b: pair.cluster, decision: back ? null : name } });
      const key = `${pair.id}\n${pair.cluster}`;
      if (back) this.decided.delete(key);
      else this.decided.set(key, decisions[0]);
      if (this.open.checked && !back) this.filter(Math.min(this.at, this.pairs.length - 2));
      else if (!back && this.at + 1 < this.pairs.length) this.step(1);
      else this.tell();
    } catch (problem) {
      fill(this.state, failed(problem));
    }
  }

  export() {
    const text = [...this.decided.values()].map((decision) => `${JSON.stringify(decision)}\n`).join('');
    download(`${this.about.name}.decisions.ndjson`, text, 'application/x-ndjson');
  }
}
