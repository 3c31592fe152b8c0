// The service's calls: requests with the key, problems as errors with plain words, streams of lines and of events.

import { key, lacked } from './key.js';

// What the service refused, as RFC 9457 says it; `offline` and `damaged` are the page's own codes.
export class Problem extends Error {
  constructor(status, told = {}) {
    super(told.detail ?? '');
    Object.assign(this, { status, code: told.code ?? 'damaged', detail: told.detail ?? '', hint: told.hint ?? '' });
    Object.assign(this, { line: told.line, column: told.column, faults: told.faults ?? [], request: told.request_id, scope: told.scope });
  }
}

// Asks; the answer is a Response that went well. `json` is sent as JSON, `body` as it is with `type`.
export async function ask(path, { method, json, body, type, headers = {}, signal } = {}) {
  const own = { ...headers, ...bearer() };
  if (json !== undefined) own['content-type'] = 'application/json';
  else if (type) own['content-type'] = type;
  const payload = json === undefined ? body : JSON.stringify(json);
  let answer;
  try {
    answer = await fetch(path, { method: method ?? (payload === undefined ? 'GET' : 'POST'), headers: own, body: payload, signal });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0, { code: 'offline' });
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export const bearer = () => (key() ? { authorization: `Bearer ${key()}` } : {});

export async function problemOf(answer) {
  const told = await answer.json().catch(() => ({}));
  const scope = /scope="([a-z]+)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1];
  const problem = new Problem(answer.status, { ...told, scope });
  if (answer.status === 401 || problem.code === 'missing_scope') lacked(problem);
  return problem;
}

export async function getJson(path, options) {
  return (await ask(path, options)).json();
}

// Lines of a body as they come, each with the byte at which it begins and its length.
export async function* lines(answer, onBytes = () => {}) {
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let [rest, at] = [new Uint8Array(0), 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    onBytes(value.length);
    let from = 0;
    for (let end = value.indexOf(10); end >= 0; end = value.indexOf(10, from)) {
      const whole = rest.length ? join(rest, value.subarray(from, end)) : value.subarray(from, end);
      yield { text: decoder.decode(whole), at, length: whole.length };
      [at, from, rest] = [at + whole.length + 1, end + 1, new Uint8Array(0)];
    }
    rest = join(rest, value.subarray(from));
  }
  if (rest.length) yield { text: decoder.decode(rest), at, length: rest.length };
}

function join(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

// Server-sent events (a fetch and not an EventSource, which cannot carry a key).
export async function* events(path, signal) {
  const answer = await ask(path, { headers: { accept: 'text/event-stream' }, signal });
  let data = '';
  for await (const { text } of lines(answer)) {
    if (text.startsWith('data: ')) data += text.slice(6);
    else if (text === '' && data) {
      yield JSON.parse(data);
      data = '';
    }
  }
}

// Sends a body and tells how much of it has gone: fetch does not say.
export function upload(path, body, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    for (const [name, value] of Object.entries(bearer())) request.setRequestHeader(name, value);
    request.setRequestHeader('content-type', body.type || 'application/octet-stream');
    request.upload.addEventListener('progress', (event) => onProgress(event.loaded, event.total));
    request.addEventListener('error', () => reject(new Problem(0, { code: 'offline' })));
    request.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
    request.addEventListener('load', async () => {
      const headers = { 'www-authenticate': request.getResponseHeader('www-authenticate') ?? '' };
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(await problemOf(new Response(request.responseText, { status: request.status, headers })));
    });
    signal?.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

export const path = (...parts) => `v1/${parts.map(encodeURIComponent).join('/')}`;

export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '' && value !== false && value?.length !== 0);
  const text = new URLSearchParams(given.map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value])).toString();
  return text ? `?${text}` : '';
}
