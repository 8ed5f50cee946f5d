// Asks the engine over HTTP and says plainly when no answer came.

/** @typedef {import('./types.js').Answer} Answer */
/** What a tablet signs of a request. @typedef {{method: string, path: string, body: string, token: string}} Asked */

const ANSWER_MS_MAX = 15_000;

/** No answer arrived: the network or the engine is away. What was asked may have happened. */
export class Unreachable extends Error {}

/**
 * @param {(path: string, init: RequestInit) => Promise<Response>} send `fetch`, or a stand-in
 * @param {string} path
 * @param {{method?: string, body?: unknown, text?: string, token?: string|null, sign?: (what: Asked) => Promise<string|null>}} [what] `sign` gives the tablet's signature
 * @returns {Promise<Response>}
 */
export async function request(send, path, { method = 'GET', body, text, token, sign } = {}) {
  /** @type {Record<string, string>} */
  const headers = {};
  const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
  if (payload !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const proof = await sign?.({ method, path, body: payload ?? '', token: token ?? '' });
  if (proof) headers['Device-Proof'] = proof;
  try {
    return await send(path, {
      method, headers, body: payload, signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
  } catch (failure) {
    throw new Unreachable(String(failure));
  }
}

/**
 * Reads an answer's JSON; an answer cut off on its way counts as none.
 * @param {Response} response @returns {Promise<Answer>}
 */
export async function read(response) {
  const seconds = Number(response.headers.get('Retry-After'));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  let text;
  try {
    text = await response.text();
  } catch (failure) {
    throw new Unreachable(String(failure));
  }
  return { status: response.status, body: parsed(text, response.status), retryAfter };
}

/** @param {string} text @param {number} status */
function parsed(text, status) {
  try {
    return text ? JSON.parse(text) : null;
  } catch (failure) {
    if (status < 400) throw new Unreachable(String(failure));
    return { detail: '' };
  }
}
