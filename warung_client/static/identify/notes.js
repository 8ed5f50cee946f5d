// Notes to the engine that a sale never waits for: kept on the tablet until they were told, each once.

import { Unreachable } from '../api.js';
import { rfc3339 } from '../clock.js';
import { uuid7 } from '../uuid7.js';

const KEPT = 'ewarong.notes';
export const NOTES_MAX = 500; // then the oldest goes: a meter, not money
const NOT_NOW = new Set([401, 408, 425, 429, 500, 502, 503, 504]);

/** @typedef {{path: string, body: any}} Note */

/** @param {Storage} device @returns {Note[]} */
const waiting = (device) => JSON.parse(device.getItem(KEPT) ?? '[]');

/**
 * @param {Storage} device localStorage
 * @param {(path: string, what: object) => Promise<import('../types.js').Answer>} call
 */
export function openNotes(device, call) {
  let telling = false;

  /** @param {Note[]} notes */
  const keep = (notes) => device.setItem(KEPT, JSON.stringify(notes.slice(-NOTES_MAX)));

  /** Told in order; one that the engine refuses for good is dropped, one it cannot take now waits. */
  async function tell() {
    if (telling) return;
    telling = true;
    try {
      for (;;) {
        const [note] = waiting(device);
        if (!note) return;
        const { status } = await call(note.path, { method: 'POST', body: note.body });
        if (NOT_NOW.has(status)) return;
        keep(waiting(device).filter(({ body }) => body.note_id !== note.body.note_id));
      }
    } catch (failure) {
      if (!(failure instanceof Unreachable)) throw failure; // the network is away: told later
    } finally {
      telling = false;
    }
  }

  return {
    tell,
    count: () => waiting(device).length,
    /**
     * @param {string} path @param {object} fields @param {{nowMs: number, timeZone: string}} at
     * @returns {Promise<void>} after the first try to tell it
     */
    add(path, fields, { nowMs, timeZone }) {
      const body = { note_id: uuid7(nowMs), occurred_at: rfc3339(nowMs, timeZone), ...fields };
      keep([...waiting(device), { path, body }]);
      return tell();
    },
  };
}
