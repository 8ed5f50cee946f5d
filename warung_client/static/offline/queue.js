// The queue of sales in the tablet's store: recorded before the receipt shows, erased only when the engine signed for them.

import { without } from './doubt.js';
import { EMPTY_CHAIN } from './envelope.js';
import { STRICT } from './store.js';

/** @typedef {{seq: number, purchase_id: string, total: number, alw: string, at_ms: number, text: string, hash: string}} Row */
/** The chain's end and what of it is unsent. @typedef {{seq: number, head: string, count: number, sum: number}} ChainFact */

export const FINE = new Set(['ACCEPTED', 'ACCEPTED_LATE', 'PAID_FROM_BALANCE', 'PROGRAMME_LOSS']);
/** The fact that holds what online purchases may have drawn. */
export const DOUBTS = 'doubts';
const SENT_KEPT_MS = 31 * 86_400_000;
const ROWS_SHOWN_MAX = 50;
const DELETED_AT_ONCE_MAX = 500;

/** Somebody else went on with the chain meanwhile. */
export class ChainMoved extends Error {}

/** @param {any} db @returns {Promise<ChainFact>} */
export const chainOf = async (db) => (await db.get('meta', 'chain')) ?? { ...EMPTY_CHAIN, count: 0, sum: 0 };

/**
 * One sale in one strict transaction: the envelope, the chain, her allowance, and a note that its receipt is not seen
 * yet. All of it is on the disk when this returns, or none of it.
 * @param {any} db @param {Row} row @param {string} prev @param {import('./allowance.js').Kept} kept @param {any} unseen
 */
export async function record(db, row, prev, kept, unseen) {
  const tx = db.transaction(['meta', 'queue', 'allowances'], 'readwrite', STRICT);
  const [meta, queue, allowances] = ['meta', 'queue', 'allowances'].map((name) => tx.objectStore(name));
  tx.done.catch(() => {}); // its failure is told below
  try {
    const chain = (await meta.get('chain')) ?? { ...EMPTY_CHAIN, count: 0, sum: 0 };
    if (row.seq !== chain.seq + 1 || prev !== chain.head) throw new ChainMoved();
    const after = { seq: row.seq, head: row.hash, count: chain.count + 1, sum: chain.sum + row.total };
    const doubts = await meta.get(DOUBTS);
    if (doubts) meta.put(without(doubts, [row.purchase_id]), DOUBTS); // one purchase, and here it is counted
    await Promise.all([
      queue.add(row), allowances.put(kept), meta.put(after, 'chain'), meta.put(unseen, 'unseen'), tx.done,
    ]);
  } catch (failure) {
    try { tx.abort(); } catch { /* it has ended by itself */ }
    throw tx.error ?? failure;
  }
}

/** Is this purchase recorded here already, sent or not? @param {any} db @param {string} purchaseId */
export async function holds(db, purchaseId) {
  const found = await Promise.all(['queue', 'sent'].map((name) => db.getKeyFromIndex(name, 'purchase', purchaseId)));
  return found.some((key) => key !== undefined);
}

/** The oldest unsent ones. @param {any} db @param {number} [count] @returns {Promise<Row[]>} */
export const unsent = (db, count) => db.getAll('queue', undefined, count);

/** The newest rows, for the eye. @param {any} db @returns {Promise<Row[]>} */
export async function newest(db) {
  const rows = [];
  let cursor = await db.transaction('queue').store.openCursor(null, 'prev');
  while (cursor && rows.length < ROWS_SHOWN_MAX) {
    rows.push(cursor.value);
    cursor = await cursor.continue();
  }
  return rows;
}

/** Does the engine's chain end where ours passed: null when we cannot know. @param {any} db @param {{seq: number, head: string}} checkpoint @returns {Promise<boolean|null>} */
async function agrees(db, { seq, head }) {
  if (seq === 0) return true;
  const row = (await db.get('queue', seq)) ?? (await db.get('sent', seq));
  if (row) return row.hash === head;
  return seq > (await chainOf(db)).seq ? false : null; // the engine has more than we ever made: a copy of this tablet
}

/**
 * The engine signed for everything up to `checkpoint.seq`: those leave the queue and stay in `sent`. Where its chain is
 * not ours, what it gave an outcome for leaves, wherever it stands: it lies there for people.
 * @param {any} db @param {{seq: number, head: string}} checkpoint @param {any[]} outcomes @param {number} nowMs
 * @returns {Promise<{moved: number, split: boolean, untold: number}>} `untold`: its answer was lost, the outcome with it
 */
export async function acknowledge(db, checkpoint, outcomes, nowMs) {
  const split = (await agrees(db, checkpoint)) === false;
  const said = new Map(outcomes.map((each) => [each.seq, each]));
  const tx = db.transaction(['meta', 'queue', 'sent', 'outcomes', 'allowances'], 'readwrite', STRICT);
  const at = (name) => tx.objectStore(name);
  const rows = split ? (await at('queue').getAll()).filter(({ seq }) => said.has(seq)) : await at('queue').getAll(IDBKeyRange.upperBound(checkpoint.seq));
  const chain = (await at('meta').get('chain')) ?? { ...EMPTY_CHAIN, count: 0, sum: 0 };
  const sum = rows.reduce((all, { total }) => all + total, 0);
  rows.forEach((row) => {
    at('sent').put({ ...row, sent_ms: nowMs, outcome: said.get(row.seq)?.outcome ?? null });
    if (split) at('queue').delete(row.seq);
  });
  if (!split) at('queue').delete(IDBKeyRange.upperBound(checkpoint.seq));
  const noted = new Set(await at('outcomes').getAllKeys());
  outcomes.forEach((outcome) => noteOutcome(at('outcomes'), outcome, rows, noted));
  at('meta').put({ ...chain, count: chain.count - rows.length, sum: chain.sum - sum }, 'chain');
  const kept = await at('allowances').getAll();
  kept.filter(({ tries }) => tries > 0).forEach((each) => at('allowances').put({ ...each, tries: 0 }));
  await tx.done;
  return { moved: rows.length, split, untold: rows.filter(({ seq }) => !said.has(seq)).length };
}

/** Only what somebody must look at is kept apart; what turned out well leaves again. */
function noteOutcome(store, { seq, purchase_id, outcome, reason = null, message = '' }, rows, noted) {
  if (FINE.has(outcome)) {
    if (noted.has(seq)) store.delete(seq);
    return;
  }
  const total = rows.find((row) => row.seq === seq)?.total ?? null;
  store.put({ seq, purchase_id, outcome, reason, message, ...(total !== null && { total }) });
}

/** The engine was put back to an older copy: what it lost goes into the queue again. @param {any} db @param {number} after @returns {Promise<number>} how many */
export async function bringBack(db, after) {
  const tx = db.transaction(['meta', 'queue', 'sent'], 'readwrite', STRICT);
  const lost = await tx.objectStore('sent').getAll(IDBKeyRange.lowerBound(after, true));
  const chain = (await tx.objectStore('meta').get('chain')) ?? { ...EMPTY_CHAIN, count: 0, sum: 0 };
  lost.forEach(({ sent_ms: _sent, outcome: _outcome, ...row }) => {
    tx.objectStore('queue').put(row);
    tx.objectStore('sent').delete(row.seq);
  });
  const sum = lost.reduce((all, { total }) => all + total, 0);
  tx.objectStore('meta').put({ ...chain, count: chain.count + lost.length, sum: chain.sum + sum }, 'chain');
  await tx.done;
  return lost.length;
}

/** Sent ones are kept a month, for an engine that must be told again. @param {any} db @param {number} nowMs */
export async function forgetOld(db, nowMs) {
  const tx = db.transaction('sent', 'readwrite');
  let cursor = await tx.store.openCursor();
  for (let gone = 0; cursor && cursor.value.sent_ms < nowMs - SENT_KEPT_MS && gone < DELETED_AT_ONCE_MAX; gone += 1) {
    cursor.delete();
    cursor = await cursor.continue();
  }
  await tx.done;
}

/** The signed queue as lines of JSON, for a stick or an officer's telephone. @param {any} db @returns {Promise<Blob>} */
export async function exported(db) {
  const rows = await unsent(db);
  return new Blob(rows.map(({ text }) => `${text}\n`), { type: 'application/x-ndjson' });
}
