// What people decided of a sale after the engine had signed for it: kept here until the shop has read it.

import { FINE } from './queue.js';
import { readFact, STRICT, writeFact } from './store.js';

/** A sale to be looked at. `envelope` names it where its key is one this tablet had before. @typedef {{seq: number, purchase_id: string, outcome: string, reason: string|null, message: string, total?: number|null, at_ms?: number, decision?: string|null, envelope?: string}} Row */
/** A key this tablet had before, and what was sent with it and waits. @typedef {{device: import('./device.js').Device, rows: Row[]}} Former */

export const FORMER = 'former';
export const TOLD = 'told_ms'; // when the engine was asked last, by its own clock
const FORMER_MAX = 3;
const NAMES_MAX = 500;
const WAITING = new Set(['HELD_FORK', 'HELD_REVIEW', 'PENDING_GAP', 'DISPUTED']);

/** Does somebody still decide about it? @param {{outcome: string}} row */
export const waits = ({ outcome }) => WAITING.has(outcome);

/** @param {any} db @returns {Promise<Former[]>} */
export const formerOf = async (db) => (await readFact(db, FORMER)) ?? [];

/** Rows of this key with the names of their envelopes. @param {any} db @param {Row[]} rows @returns {Promise<Row[]>} */
async function named(db, rows) {
  const sent = await Promise.all(rows.map(({ seq }) => db.get('sent', seq)));
  return rows.flatMap((row, place) => (sent[place] ? [{ ...row, total: sent[place].total, envelope: sent[place].hash }] : []));
}

/** The envelopes whose end is not known: they wait for people, or the answer that told it was lost. @param {any} db @returns {Promise<string[]>} */
export async function waitingNames(db) {
  const rows = await named(db, (await db.getAll('outcomes')).filter(waits));
  const untold = (await db.getAll('sent')).filter(({ outcome }) => outcome === null);
  return [...untold.map(({ hash }) => hash), ...rows.map(({ envelope }) => String(envelope))].slice(0, NAMES_MAX);
}

/** What is kept of keys before a new one comes: what waits and what nobody has read. @param {any} db @param {import('./device.js').Device|null} device @returns {Promise<Former[]>} */
export async function formerWith(db, device) {
  const rows = await named(db, await db.getAll('outcomes', undefined, NAMES_MAX));
  const before = (await formerOf(db)).filter((each) => each.rows.length);
  return [...(device && rows.length ? [{ device, rows }] : []), ...before].slice(0, FORMER_MAX);
}

/** Everything to be looked at, the former keys' first. @param {any} db @param {number} [most] @returns {Promise<Row[]>} */
export async function toLookAt(db, most) {
  const [former, own] = await Promise.all([formerOf(db), db.getAll('outcomes', undefined, most)]);
  return [...former.flatMap(({ rows }) => rows), ...own].slice(0, most);
}

/** @param {any} db @returns {Promise<number>} */
export async function countToLookAt(db) {
  const [former, own] = await Promise.all([formerOf(db), db.count('outcomes')]);
  return own + former.reduce((sum, { rows }) => sum + rows.length, 0);
}

/**
 * What the engine says now of this key's envelopes; those of a copy of this tablet are not ours to show.
 * @param {any} db @param {any[]} outcomes @returns {Promise<number>} how many were news
 */
export async function noteDecided(db, outcomes) {
  const tx = db.transaction(['sent', 'outcomes'], 'readwrite', STRICT);
  const [sent, notes] = [tx.objectStore('sent'), tx.objectStore('outcomes')];
  let news = 0;
  for (const { envelope, decided_at_ms: decided, ...said } of outcomes) {
    const row = await sent.get(said.seq);
    const known = await notes.get(said.seq);
    const own = row?.hash === envelope;
    const told = own && isNews(row, known, said, decided);
    if (told || (own && row.outcome === null)) sent.put({ ...row, outcome: said.outcome, decided_ms: decided ?? row.decided_ms ?? null });
    if (told) {
      news += 1;
      notes.put({ ...noteOf(said), total: row.total, at_ms: row.at_ms });
    }
  }
  await tx.done;
  return news;
}

/** Told before, read or not, it is no news. @param {any} row @param {any} known @param {any} said @param {number|null} decided */
function isNews(row, known, said, decided) {
  if (decided) return decided !== row.decided_ms;
  return known ? known.outcome !== said.outcome : row.outcome !== said.outcome && !FINE.has(said.outcome);
}

/** @param {any} said @returns {Row} */
const noteOf = ({ seq, purchase_id, outcome, reason = null, message = '', decision = null }) => ({
  seq, purchase_id, outcome, reason, message, decision,
});

/** The same for a key before this one. @param {any} db @param {string} deviceId @param {any[]} outcomes @returns {Promise<number>} */
export async function noteFormer(db, deviceId, outcomes) {
  const said = new Map(outcomes.map((each) => [each.envelope, each]));
  let news = 0;
  /** @param {Row} row */
  const after = (row) => {
    const found = said.get(row.envelope);
    if (!found || found.outcome === row.outcome) return row;
    news += 1;
    return { ...row, ...noteOf(found) };
  };
  const former = await formerOf(db);
  await writeFact(db, FORMER, former.map((each) => (each.device.device_id === deviceId ? { ...each, rows: each.rows.map(after) } : each)));
  return news;
}

/** The shop has read it. @param {any} db @param {Row} row */
export async function markRead(db, { seq, envelope }) {
  if (envelope) {
    const former = await formerOf(db);
    const left = former.map((each) => ({ ...each, rows: each.rows.filter((row) => row.envelope !== envelope) }));
    return writeFact(db, FORMER, left.filter(({ rows }) => rows.length));
  }
  const tx = db.transaction('outcomes', 'readwrite', STRICT);
  return Promise.all([tx.store.delete(seq), tx.done]);
}
