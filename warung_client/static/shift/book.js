// A shift of this till: opened with a count, notes of cash in and out, closed with another count. Pure.

export const NOTES_MAX = 100;
export const JOURNAL_MAX = 2_000;
export const CASH_MAX = 1_000_000_000;
export const LAST = 5;

/** @typedef {{kind: 'IN'|'OUT', amount: number, word: string, at: number}} Note */
/** A sale with aid as this till saw it; nothing of the family. @typedef {{id: string, number: string, amount: number, at: number, kind: string, method: string}} Entry */
/** @typedef {{from: string, to: string, at: number}} Hand */
/**
 * @typedef {{id: string, shop: string, till: string, day: string, opened: number, opening: number, cashier: string, hands: Hand[],
 *   notes: Note[], journal: Entry[], closed: any}} Shift
 */

/**
 * @param {{id: string, shop: string, till: string, day: string, now: number, cash: number, cashier: string}} facts
 * @returns {Shift}
 */
export const opened = ({ id, shop, till, day, now, cash, cashier }) => (
  { id, shop, till, day, opened: now, opening: cash, cashier, hands: [], notes: [], journal: [], closed: null });

/** Does this shift belong to this till and day, and is it still open. @param {Shift|null} shift @param {string} till @param {string} day */
export const isOpen = (shift, till, day) => Boolean(shift && shift.till === till && shift.day === day && !shift.closed);

/** @param {Shift} shift @param {Note} note @returns {Shift} unchanged when there is no more room or no amount */
export function noted(shift, note) {
  if (shift.notes.length >= NOTES_MAX || !(note.amount > 0)) return shift;
  return { ...shift, notes: [...shift.notes, note] };
}

/** The same sale twice is one sale. @param {Shift} shift @param {Entry} entry @returns {Shift} */
export function written(shift, entry) {
  const others = shift.journal.filter(({ id }) => id !== entry.id);
  return { ...shift, journal: [...others, entry].slice(-JOURNAL_MAX) };
}

/** Another person stands at the till. @param {Shift} shift @param {string} cashier @param {number} at @returns {Shift} */
export function handed(shift, cashier, at) {
  if (shift.cashier === cashier) return shift;
  return { ...shift, cashier, hands: [...shift.hands, { from: shift.cashier, to: cashier, at }].slice(-NOTES_MAX) };
}

/** @param {Shift} shift @param {'IN'|'OUT'} kind */
const notesOf = ({ notes }, kind) => notes.filter((each) => each.kind === kind).reduce((sum, { amount }) => sum + amount, 0);

/**
 * The drawer as the engine wants it; `counted` comes from the blind count.
 * @param {Shift} shift @param {number} cashSales @param {number} counted
 */
export function drawer(shift, cashSales, counted) {
  return { opening: shift.opening, sales: cashSales, taken_in: notesOf(shift, 'IN'), taken_out: notesOf(shift, 'OUT'), counted };
}

/** What should lie there; shown only after a count. @param {ReturnType<typeof drawer>} cash */
export const expected = ({ opening, sales, taken_in: taken, taken_out: out }) => opening + sales + taken - out;

/** What this shift sold with aid, as the till saw it. @param {Shift} shift */
export function soldHere({ journal }) {
  const rows = journal.filter(({ kind }) => kind !== 'VOIDED');
  const waiting = rows.filter(({ kind }) => kind === 'RECORDED');
  /** @param {Entry[]} each */
  const total = (each) => each.reduce((sum, { amount }) => sum + amount, 0);
  return { count: rows.length, amount: total(rows), waiting: waiting.length, waitingAmount: total(waiting) };
}

/** The rows that a cashier looks for: by the end of the number, by the amount, by the hour (`9.14` or `09`). @param {any[]} rows @param {string} wanted @param {(row: any) => string} hourOf */
export function found(rows, wanted, hourOf) {
  const text = wanted.trim().toLowerCase();
  if (!text) return rows;
  const digits = text.replace(/^rp/, '').replace(/\./g, '');
  const hour = /^\d{1,2}([.:]\d{0,2})?$/.test(text) ? text.replace(':', '.').replace(/^(\d)(?=\.|$)/, '0$1') : null;
  return rows.filter((row) => String(row.number ?? '').toLowerCase().includes(text)
    || (/^\d{3,}$/.test(digits) && String(row.amount ?? '').startsWith(digits))
    || (hour !== null && hourOf(row).startsWith(hour)));
}
