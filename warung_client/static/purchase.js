// Sends one purchase until it is answered: the same id and the same bytes every time.

import { Unreachable } from './api.js';
import { rfc3339 } from './clock.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Payer} Payer */
/** @typedef {import('./types.js').WireLine} WireLine */

const RETRY_SECONDS = 3;
const RETRY_SECONDS_MAX = 15;
const UNKNOWN_OUTCOME = new Set([202, 408, 425, 429, 500, 502, 503, 504]);

/**
 * @param {{tillId: string, timeZone: string, nowMs: number, payer: Payer, lines: WireLine[]}} facts
 */
export function purchaseBody({ tillId, timeZone, nowMs, payer, lines }) {
  return { till_id: tillId, occurred_at: rfc3339(nowMs, timeZone), payer, lines };
}

/**
 * @param {(path: string, what?: object) => Promise<Answer>} call
 * @param {(seconds: number) => Promise<void>} sleep resolves early when the cashier asks again
 */
export function purchaseSender(call, sleep) {
  /** @type {Map<string, {flight: Promise<Answer|null>, stop: () => void}>} one flight per id, however often a key is tapped */
  const flights = new Map();

  /** @param {string} id @param {string} text @param {(said: any) => void} waiting @param {() => boolean} stopped @returns {Promise<Answer|null>} */
  async function fly(id, text, waiting, stopped) {
    for (;;) {
      const answer = await attempt(`/v1/purchases/${id}`, { method: 'PUT', text });
      if (stopped()) return null;
      if (answer?.status === 409) {
        const stored = await attempt(`/v1/purchases/${id}`);
        return stored?.status === 200 ? stored : answer;
      }
      if (answer && !UNKNOWN_OUTCOME.has(answer.status)) return answer;
      waiting(answer?.body ?? null);
      await sleep(Math.min(answer?.retryAfter ?? RETRY_SECONDS, RETRY_SECONDS_MAX));
      if (stopped()) return null;
    }
  }

  /** @param {string} path @param {object} [what] @returns {Promise<Answer|null>} */
  async function attempt(path, what) {
    try {
      return await call(path, what);
    } catch (failure) {
      if (failure instanceof Unreachable) return null;
      throw failure;
    }
  }

  return {
    /**
     * @param {string} id @param {object} body @param {(said: any) => void} waiting
     * @returns {Promise<Answer|null>} null when it was stopped
     */
    send(id, body, waiting) {
      const flying = flights.get(id);
      if (flying) return flying.flight;
      let stopped = false;
      const flight = fly(id, JSON.stringify(body), waiting, () => stopped).finally(() => {
        if (flights.get(id)?.flight === flight) flights.delete(id);
      });
      flights.set(id, { flight, stop: () => { stopped = true; } });
      return flight;
    },
    /** The flight ends without an answer; what it sent may have happened. @param {string} id */
    stop(id) {
      flights.get(id)?.stop();
      flights.delete(id);
    },
    /** The stored answer of an id, null when the engine does not know it. */
    find: (id) => attempt(`/v1/purchases/${id}`),
  };
}

/** A sleep that `wake()` ends early. */
export function alarm() {
  let wake = () => {};
  return {
    sleep: (seconds) => new Promise((/** @type {(value?: void) => void} */ resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      wake = () => { clearTimeout(timer); resolve(); };
    }),
    wake: () => wake(),
  };
}
