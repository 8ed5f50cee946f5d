// Brings the queue to the engine, batch by batch, until it is empty or nobody answers.

import { Unreachable } from '../api.js';

/** @typedef {import('./queue.js').Row} Row */
/** AWAY: try later. UNKNOWN: the engine does not know our key. UNTRUSTED: the answer is not the engine's. SPLIT: it holds another chain. STUCK: it takes nothing.
 * @typedef {'SENT'|'AWAY'|'REVOKED'|'UNKNOWN'|'UNTRUSTED'|'SPLIT'|'STUCK'} Ended */
/**
 * @typedef {object} Queue
 * @property {(count: number) => Promise<Row[]>} unsent
 * @property {(checkpoint: any, outcomes: any[]) => Promise<{moved: number, split: boolean}>} acknowledge
 * @property {(after: number) => Promise<number>} bringBack
 */

export const ENVELOPES_MAX = 500;
export const ENVELOPES_FIRST = 100; // a bad line shows at the first batch
export const ENVELOPES_MIN = 10;
export const BATCH_BYTES_MAX = 1_900_000; // the engine takes 2 MiB
const BEHIND = 'CHECKPOINT_BEHIND';
const REVOKED = 'DEVICE_REVOKED';

/** @param {string} device @param {Row[]} rows @returns {string} the body; each envelope as it was signed */
export const batchText = (device, rows) => `{"device":${JSON.stringify(device)},"envelopes":[${rows.map(({ text }) => text).join(',')}]}`;

/** As many rows as one body may carry. @param {Row[]} rows @returns {Row[]} */
export function fitting(rows) {
  let bytes = 0;
  return rows.filter(({ text }) => {
    bytes += text.length * 3; // at most, as UTF-8
    return bytes <= BATCH_BYTES_MAX;
  });
}

/**
 * @param {{device: string, queue: Queue, ask: (text: string) => Promise<import('../types.js').Answer>,
 *   trusted: (checkpoint: any, sig: string) => Promise<boolean>, told?: (said: any) => Promise<void>|void}} around
 */
export function openSync({ device, queue, ask, trusted, told = () => {} }) {
  let size = ENVELOPES_FIRST;
  /** @type {Promise<Ended>|null} */
  let running = null;
  const smaller = () => { size = Math.max(ENVELOPES_MIN, size >> 1); };

  /** One batch; null when the next may follow. @param {{behind: number, split: boolean}} round @returns {Promise<Ended|null>} */
  async function step(round) {
    const rows = fitting(await queue.unsent(size));
    if (!rows.length) return round.split ? 'SPLIT' : 'SENT';
    const answer = await ask(batchText(device, rows)).catch((failure) => {
      if (failure instanceof Unreachable) return null;
      throw failure;
    });
    if (!answer || answer.status === 413 || answer.status === 429 || answer.status >= 500) {
      const least = size === ENVELOPES_MIN;
      smaller();
      return answer?.status === 413 ? (least && 'STUCK') || null : 'AWAY';
    }
    if (answer.status === 401) return 'UNKNOWN';
    return take(answer, round);
  }

  /** @param {import('../types.js').Answer} answer @param {{behind: number, split: boolean}} round @returns {Promise<Ended|null>} */
  async function take({ status, body }, round) {
    const revoked = status === 403 || body?.code === REVOKED;
    const { checkpoint, sig, outcomes = [], code } = body ?? {};
    if (!checkpoint) return revoked ? 'REVOKED' : 'STUCK';
    if (checkpoint.device !== device || !await trusted(checkpoint, sig)) return 'UNTRUSTED';
    const { moved, split } = await queue.acknowledge(checkpoint, outcomes);
    await told(body);
    round.split ||= split;
    if (split) return moved ? null : 'SPLIT'; // what it kept for people leaves here, batch by batch
    if (code === BEHIND) return bringBack(checkpoint.seq, round);
    if (!moved) return revoked ? 'REVOKED' : 'STUCK';
    size = Math.min(ENVELOPES_MAX, size * 2);
    if (!revoked) return null;
    return (await queue.unsent(1)).length ? null : 'REVOKED';
  }

  /** The engine has less than it once signed for; it is told again, once from each place. @param {number} seq @param {{behind: number, split: boolean}} round @returns {Promise<Ended|null>} */
  async function bringBack(seq, round) {
    if (round.behind === seq) return 'STUCK';
    round.behind = seq;
    await queue.bringBack(seq); // what is no longer here is a gap, and the engine takes it as one
    return null;
  }

  async function run() {
    const round = { behind: -1, split: false };
    for (;;) {
      const ended = await step(round);
      if (ended) return ended;
    }
  }

  return {
    /** One run at a time, however often it is asked for. @returns {Promise<Ended>} */
    run() {
      running ??= run().finally(() => { running = null; });
      return running;
    },
  };
}
