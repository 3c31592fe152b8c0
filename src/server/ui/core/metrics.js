// The counts of the service, read from its OpenMetrics text.

import { ask } from './api.js';

export async function metrics() {
  return new Metrics(await (await ask('metrics')).text());
}

const LINE = /^([a-z_]+)(?:\{(.*)\})? ([^ ]+)/;
const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g;

export class Metrics {
  constructor(text) {
    this.at = performance.now();
    this.samples = new Map();
    for (const line of text.split('\n')) {
      const found = LINE.exec(line);
      if (!found || line.startsWith('#')) continue;
      const labels = Object.fromEntries([...(found[2] ?? '').matchAll(LABEL)].map(([, name, value]) => [name, value.replace(/\\(.)/g, '$1')]));
      const list = this.samples.get(found[1]) ?? [];
      list.push({ labels, value: Number(found[3]) });
      this.samples.set(found[1], list);
    }
  }

  all(name) {
    return this.samples.get(`taoxi_${name}`) ?? [];
  }

  // The sum of all samples of a name whose labels are these.
  sum(name, labels = {}) {
    const fits = (sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
    return this.all(name).filter(fits).reduce((sum, { value }) => sum + value, 0);
  }

  // A map from the values of a label to the sums.
  by(name, label) {
    const sums = new Map();
    for (const sample of this.all(name)) sums.set(sample.labels[label], (sums.get(sample.labels[label]) ?? 0) + sample.value);
    return sums;
  }

  // A quantile of a route's latency in seconds: the upper bound of the bucket that holds it.
  quantile(route, share) {
    const buckets = this.all('http_request_duration_seconds_bucket').filter(({ labels }) => labels.route === route);
    const sorted = buckets.map(({ labels, value }) => [labels.le === '+Inf' ? Infinity : Number(labels.le), value]).sort((a, b) => a[0] - b[0]);
    const all = sorted.at(-1)?.[1] ?? 0;
    return sorted.find(([, value]) => value >= share * all)?.[0] ?? 0;
  }
}
