// The result files of a job as the page needs them: documents by cluster, relations by their place in the file, records by id.

import { ask, getJson, lines, path } from '../../core/api.js';

// A longer list of relations is not read for the sake of a pair: a verdict follows from the two texts, so they are compared anew.
const MOST_BYTES = 16 << 20;

export class Outcome {
  constructor(job, files) {
    this.job = job;
    this.files = new Map(files.map((file) => [file.name, file]));
  }

  // Reads documents.ndjson once: clusters with the largest first, inputs that failed, pairs of a copy and what is kept for it.
  load(onBytes) {
    return (this.loading ??= this.read(onBytes));
  }

  async read(onBytes = () => {}) {
    const [byId, failures, pairs] = [new Map(), [], []];
    const cluster = (id) => {
      if (!byId.has(id)) byId.set(id, { id, members: [] });
      return byId.get(id);
    };
    for await (const { text } of lines(await ask(this.path('documents.ndjson')), onBytes)) {
      const line = JSON.parse(text);
      if (line.error) failures.push(line);
      else if (line.keep) cluster(line.id).members.unshift(line);
      else {
        cluster(line.cluster).members.push(line);
        pairs.push(line);
      }
    }
    const clusters = [...byId.values()].sort((a, b) => b.members.length - a.members.length);
    return { clusters, byId, failures, pairs };
  }

  path(name) {
    return path('jobs', this.job, 'files', name);
  }

  // Where the relation of two documents stands in relations.ndjson; read through once.
  async places() {
    this.placing ??= (async () => {
      const found = new Map();
      for await (const { text, at, length } of lines(await ask(this.path('relations.ndjson')))) {
        const { a, b } = JSON.parse(text);
        found.set(`${a}\n${b}`, [at, length]);
      }
      return found;
    })();
    return this.placing;
  }

  // The relation of two documents; null when they were never compared with each other, or where reading it would take long.
  async relation(one, other) {
    if (this.files.get('relations.ndjson')?.bytes > MOST_BYTES) return null;
    const places = await this.places();
    const place = places.get(`${one}\n${other}`) ?? places.get(`${other}\n${one}`);
    if (!place) return null;
    const [at, length] = place;
    return getJson(this.path('relations.ndjson'), { headers: { range: `bytes=${at}-${at + length - 1}` } });
  }

  record(id) {
    return getJson(`${path('jobs', this.job, 'documents')}/${id.split('/').map(encodeURIComponent).join('/')}`);
  }
}
