// Asks the engine, by the device's own signature, what officers decided since; nobody need be logged in.

import { Unreachable } from '../api.js';
import { askAsDevice } from './asking.js';
import { countToLookAt, formerOf, markRead, noteDecided, noteFormer, TOLD, waitingNames, waits } from './decided.js';
import { readFact, writeFact } from './store.js';

const OUTCOMES = '/v1/offline/outcomes';
const EVERY_MS = 6 * 3_600_000;
const EVERY_WAITING_MS = 600_000; // while somebody decides about a sale
const STOPPED = new Set(['REVOKED', 'QUARANTINED']);

/** @param {any} till @param {import('./start.js').Off} off */
export function hearing(till, off) {
  const { store } = till;
  const { db } = off;
  let heardMs = 0;
  /** @type {Promise<void>|null} */
  let asking = null;

  /** @param {import('./device.js').Device} device @param {string[]} envelopes @param {number} [since] */
  async function ask(device, envelopes, since) {
    const answer = await askAsDevice(device, OUTCOMES, JSON.stringify({ envelopes, ...(since && { since_ms: since }) }));
    return answer.status === 200 ? answer.body : null;
  }

  /** Two tablets signed as this one, and the other one was heard first: this one learns it here. @param {string} state */
  async function learnState(state) {
    const device = off.device();
    if (device && STOPPED.has(state) && device.state !== state) await off.setDevice({ ...device, state });
  }

  async function hear() {
    const device = off.device();
    const former = await formerOf(db);
    let news = 0;
    if (device) { // also one that sold nothing yet: it learns that it was stopped
      const said = await ask(device, await waitingNames(db), await readFact(db, TOLD));
      if (said && off.device()?.device_id === device.device_id) {
        news += await noteDecided(db, said.outcomes);
        await writeFact(db, TOLD, said.at_ms);
        await learnState(said.device_state);
      }
    }
    for (const { device: before, rows } of former) {
      const names = rows.filter(waits).map(({ envelope }) => String(envelope));
      const said = names.length ? await ask(before, names) : null;
      if (said) news += await noteFormer(db, before.device_id, said.outcomes);
    }
    if (news) till.offline.mark({ news: store.get().offline.news + news });
    await off.refresh();
  }

  async function soonEnough() {
    const every = (await countToLookAt(db)) ? EVERY_WAITING_MS : EVERY_MS;
    return heardMs > 0 && performance.now() - heardMs < every;
  }

  return {
    /** @param {{now?: boolean}} [how] now: whoever looks wants to know */
    async hear({ now = false } = {}) {
      if (!store.get().offline.owner || (!now && !off.wonders && await soonEnough())) return;
      off.wonders = false;
      heardMs = performance.now() + 1; // a lost answer is asked for again in its turn
      asking ??= hear().catch((failure) => {
        if (!(failure instanceof Unreachable)) console.error(failure);
      }).finally(() => { asking = null; });
      await asking;
    },

    /** @param {import('./decided.js').Row} row */
    async markRead(row) {
      await markRead(db, row);
      await off.refresh();
    },
  };
}
