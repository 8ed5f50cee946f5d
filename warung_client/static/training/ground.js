// Turns this page into the training ground: what would go to the engine is answered here.

import { trainingEngine } from './engine.js';
import { PREFIX } from './here.js';
import { STAFF } from './sample.js';
import { trainingLock } from './unseal.js';

export { Practice } from './strip.js';

const OURS = /^\/(v1|v1\.0|demo|gateway|cek|saya|kemensos|health|metrics)(\/|\?|$)/;
const SEALING_KEY = '/v1/sessions/sealing-key';
const SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path fill="none" stroke="#111" stroke-width="3" d="M4 4h56v56H4Z"/><path stroke="#111" stroke-width="3" d="M4 60 60 4"/></svg>';

/**
 * A `fetch` that never leaves the page for anything but the till's own files.
 * @param {typeof fetch} files the browser's own @param {string} origin @param {() => number} [now]
 * @returns {typeof fetch}
 */
export function trainingFetch(files, origin, now = Date.now) {
  const engine = trainingEngine({ now });
  const lock = trainingLock();

  /** What was typed and sealed, as the training engine takes it. @param {any} body */
  async function unsealed(body) {
    const pin = (/** @type {any} */ { pin_sealed: sealed }) => (sealed ? lock.open(sealed) : Promise.resolve(null));
    const [step, card] = await Promise.all([pin(body ?? {}), pin(body?.payer ?? {})]);
    return { ...body, ...(step !== null && { value: step || '-' }), ...(card !== null && { payer: { ...body.payer, pin: card } }) };
  }
  return async (input, init = {}) => {
    const asked = input instanceof Request ? input : null;
    const address = new URL(asked ? asked.url : String(input), `${origin}/till/`);
    if (address.origin !== origin) throw new TypeError('the training ground asks nobody else');
    if (!OURS.test(address.pathname)) return files(input, init);
    if (address.pathname.endsWith('.svg')) return new Response(SQUARE, { headers: { 'Content-Type': 'image/svg+xml' } });
    if (address.pathname === SEALING_KEY) return Response.json(await lock.publicKey());
    const text = init.body ?? (asked ? await asked.text() : '');
    const answer = engine({
      method: String(init.method ?? asked?.method ?? 'GET').toUpperCase(), path: address.pathname + address.search,
      body: typeof text === 'string' && text ? await unsealed(JSON.parse(text)) : null,
    });
    const content = answer.status === 204 ? null : JSON.stringify(answer.body);
    return new Response(content, { status: answer.status, headers: { 'Content-Type': 'application/json' } });
  };
}

/** Databases and locks get names of their own too: the real till's queue is neither read nor held. */
function apart() {
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function openApart(name, version) { return open.call(this, PREFIX + name, version); };
  const locks = /** @type {any} */ (globalThis).LockManager?.prototype;
  if (!locks) return;
  const { request } = locks;
  locks.request = function lock(/** @type {string} */ name, /** @type {any[]} */ ...rest) { return request.call(this, PREFIX + name, ...rest); };
}

/** From now on nothing of this page reaches the engine, nor what the real till keeps. @returns {any} who is at work there */
export function fenceOff() {
  globalThis.fetch = trainingFetch(globalThis.fetch.bind(globalThis), globalThis.location.origin);
  apart();
  return STAFF[0];
}
