// Status: whether the service is well, and what it counts.

import { Problem, getJson } from '../core/api.js';
import { fill, h } from '../core/dom.js';
import { metrics } from '../core/metrics.js';
import { bytes, has, number, saying, t } from '../core/say.js';
import { bars, curve, figures } from '../parts/figures.js';
import { failed, waiting } from '../parts/states.js';

const EVERY = 2000;
const MOST = 90;

export class StatusView {
  constructor() {
    this.history = [];
    this.health = h('div', {}, waiting());
    this.curves = h('div', { class: 'two' });
    this.tables = h('div', { class: 'view' });
    this.node = h('section', { class: 'view' }, h('h1', { class: 'visually-hidden', say: 'nav.status' }), this.health, this.curves, this.tables);
    document.addEventListener('taoxi:language', () => this.last && this.show());
    document.addEventListener('taoxi:key', () => !this.node.hidden && this.opened());
  }

  opened() {
    this.closed();
    this.running = setInterval(() => !document.hidden && this.look(), EVERY);
    this.look();
  }

  closed() {
    clearInterval(this.running);
  }

  async look() {
    try {
      const [ready, alive] = await Promise.all([getJson('readyz').catch((problem) => problem), getJson('livez')]);
      const now = await metrics();
      this.remember(now);
      Object.assign(this, { ready, alive, last: now });
      this.show();
    } catch (problem) {
      fill(this.health, failed(problem, () => this.look()));
      fill(this.curves);
      fill(this.tables);
    }
  }

  // Rates come from the difference to the look before.
  remember(now) {
    const counts = { at: now.at, documents: now.sum('documents_total'), requests: now.sum('http_requests_total') };
    const before = this.counts;
    this.counts = counts;
    if (!before) return;
    const seconds = (counts.at - before.at) / 1000;
    const rate = (name) => Math.max(0, (counts[name] - before[name]) / seconds);
    this.history.push({ at: Date.now(), documents: rate('documents'), requests: rate('requests') });
    if (this.history.length > MOST) this.history.shift();
  }

  show() {
    const { last: now, ready, alive } = this;
    const well = !(ready instanceof Problem);
    const fault = well ? ready.rules.fault : ready.detail;
    const state = h('div', { class: `well ${well && !fault ? 'yes' : 'no'}` }, h('span', { class: 'well-mark', 'aria-hidden': 'true' }, well && !fault ? '✓' : '!'), h('div', {}, h('p', { class: 'verdict-words', say: well ? (fault ? 'status-view.old-rules' : 'status-view.well') : `problem.${ready.code}` }), fault ? h('pre', { class: 'small' }, fault) : null));
    const digest = now.all('rules_info')[0]?.labels.digest ?? '';
    fill(this.health, h('div', { class: 'card input-card' }, state, figures([
      ['status-view.version', alive.version], ['status-view.memory', () => bytes(now.sum('process_resident_memory_bytes'))],
      ['status-view.queue', () => number(now.sum('queue_length')), () => t('status-view.flying', { n: now.sum('http_requests_in_flight') })],
      ['status-view.held', () => bytes(now.sum('held_bytes'))], ['status-view.connections', () => number(now.sum('http_connections')), () => t('status-view.streams', { n: now.sum('streams') })],
      ['status-view.jobs', () => number(now.sum('jobs', { state: 'running' })), () => t('status-view.jobs-queued', { n: now.sum('jobs', { state: 'queued' }) })],
    ]), h('p', { class: 'faint small digest' }, h('span', { say: 'status-view.digest' }), ' ', h('code', {}, digest))));
    fill(this.curves, ['documents', 'requests'].map((name) => this.curve(name)));
    fill(this.tables, this.latency(now), h('div', { class: 'two' }, this.counted('status-view.outcomes', now.by('documents_total', 'result'), (name) => (name === 'clean' ? t('status-view.clean') : words(`problem.${name}`, name))), this.counted('status-view.refused', now.by('http_refused_total', 'code'), (name) => words(`problem.${name}`, name)), this.counted('status-view.flags', now.by('document_flags_total', 'flag'), (name) => words(`flag.${name}`, name)), this.counted('status-view.relations', now.by('relations_total', 'result'), (name) => words(`kind-of.${name}`, name))));
  }

  curve(name) {
    const points = this.history.map((sample) => [sample.at, sample[name]]);
    const shown = (value) => number(value, { maximumFractionDigits: 1 });
    const title = h('h2', { say: `status-view.${name}` });
    if (!points.length) return h('div', { class: 'card chart-card' }, title, h('p', { class: 'faint', say: 'status-view.counting' }));
    const time = (value) => () => new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(value);
    return h('div', { class: 'card chart-card' }, title, curve(points, () => t('status-view.now', { n: shown(points.at(-1)[1]) }), { from: time(points[0][0]), to: time(points.at(-1)[0]), top: () => t('status-view.most', { n: shown(Math.max(...points.map(([, y]) => y))) }) }));
  }

  latency(now) {
    const routes = [...now.by('http_request_duration_seconds_count', 'route')].filter(([route]) => route.startsWith('/v1/')).sort((a, b) => b[1] - a[1]);
    if (!routes.length) return null;
    const mean = (route, count) => now.sum('http_request_duration_seconds_sum', { route }) / count;
    const time = (seconds) => (seconds === Infinity ? '> 60 s' : seconds < 1 ? `${number(seconds * 1000, { maximumFractionDigits: seconds < 0.01 ? 1 : 0 })} ms` : `${number(seconds, { maximumFractionDigits: 1 })} s`);
    const row = ([route, count]) => h('tr', {}, h('td', {}, h('code', {}, route)), ...[number(count), time(mean(route, count)), `≤ ${time(now.quantile(route, 0.5))}`, `≤ ${time(now.quantile(route, 0.95))}`].map((text) => h('td', { class: 'figure' }, text)));
    const head = ['route', 'answers', 'mean', 'p50', 'p95'].map((name, at) => h('th', { scope: 'col', class: at ? 'figure' : '', say: `status-view.${name}` }));
    return h('div', { class: 'card' }, h('h2', { say: 'status-view.latency' }), h('div', { class: 'scroll-x', tabindex: '0', role: 'region', label: 'status-view.latency' }, h('table', {}, h('thead', {}, h('tr', {}, head)), h('tbody', {}, routes.slice(0, 12).map(row)))));
  }

  counted(title, counts, name) {
    const list = [...counts].filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]).slice(0, 8);
    return h('div', { class: 'card chart-card' }, h('h2', { say: title }), list.length ? bars(list.map(([key, value]) => ({ text: name(key), value }))) : saying(h('p', { class: 'faint' }), () => t('status-view.none')));
  }
}

const words = (key, otherwise) => (has(key) ? t(key).replace(/[.。]$/, '') : otherwise);
