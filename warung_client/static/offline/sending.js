// What waits goes to the engine by itself; the queue can be looked at, carried away as a file, and outlives a repair.

import { Unreachable } from '../api.js';
import * as words from '../words/offline.js';
import { momentOf } from './allowance.js';
import { askAsDevice } from './asking.js';
import { toLookAt } from './decided.js';
import { acknowledge, bringBack, chainOf, exported, forgetOld, newest, unsent } from './queue.js';
import { readFact, STRICT, writeFact } from './store.js';
import { openSync } from './sync.js';
import { signedByEngine } from './trust.js';

const BATCHES = '/v1/offline/batches';
const CLOSINGS = '/v1/offline/closings';
const OUTCOMES_SHOWN_MAX = 50;
const AGAIN_MS = 3_000;
const FILE_LIFE_MS = 60_000;

/** Nobody answered: the next time. @param {any} failure */
function unlessAway(failure) {
  if (!(failure instanceof Unreachable)) throw failure;
}

/** @param {any} till @param {import('./start.js').Off} off */
export function sending(till, off) {
  const { store, session } = till;
  const { db, moments } = off;
  /** @type {{id: string, run: () => Promise<string>}|null} */
  let sync = null;

  /** The engine's public keys; asked again when it signs with one we do not know. @param {string} [kid] */
  async function keys(kid) {
    const kept = (await readFact(db, 'server_keys')) ?? [];
    if (kid && kept.some((each) => each.kid === kid)) return kept;
    const answer = await session.call('/v1/offline/keys');
    if (answer.status !== 200) return kept;
    await writeFact(db, 'server_keys', answer.body.keys);
    return answer.body.keys;
  }
  const trusted = async (signed, sig) => signedByEngine(signed, sig, await keys(signed?.kid));
  off.trusted = trusted;

  /** What a batch was answered with, beside its outcomes. @param {any} said */
  async function told({ checkpoint, code, outcomes = [] }) {
    await off.learn(momentOf(checkpoint.at_ms));
    const device = off.device();
    if (!device) return;
    if (code === 'DEVICE_REVOKED') await off.setDevice({ ...device, state: 'REVOKED' });
    else if (outcomes.some(({ outcome }) => outcome === 'HELD_FORK')) await off.setDevice({ ...device, state: 'QUARANTINED' });
    off.wonders ||= outcomes.some(({ outcome }) => outcome === 'HELD_REVIEW');
    await off.refresh();
  }

  function syncOf(device) {
    if (sync?.id !== device.device_id) {
      const queue = {
        unsent: (count) => unsent(db, count),
        acknowledge: async (checkpoint, outcomes) => {
          const done = await acknowledge(db, checkpoint, outcomes, Math.round(moments.now()));
          off.wonders ||= done.untold > 0;
          return done;
        },
        bringBack: (after) => bringBack(db, after),
      };
      const ask = (text) => askAsDevice(off.device(), BATCHES, text);
      sync = { id: device.device_id, ...openSync({ device: device.device_id, queue, ask, trusted, told }) };
    }
    return sync;
  }

  /** The state that a run's end says about this device. */
  const STATE_AFTER = { REVOKED: { state: 'REVOKED' }, SPLIT: { state: 'QUARANTINED', split: true } };

  /** Sends all that waits; the words on the screen say how it went. */
  async function send() {
    const device = off.device();
    if (!device || !store.get().offline.owner || store.get().offline.sending) return;
    if (!(await chainOf(db)).count) return;
    till.offline.mark({ sending: true });
    let ended = 'AWAY';
    try {
      ended = await syncOf(device).run();
      if (STATE_AFTER[ended]) await off.setDevice({ ...off.device(), ...STATE_AFTER[ended] });
      if (ended === 'SENT') await closeOver(device).catch(unlessAway);
      await forgetOld(db, moments.now());
    } finally {
      till.offline.mark({ sending: false, ended });
      if (ended === 'AWAY' && !till.offline.away()) setTimeout(off.beat, AGAIN_MS); // an answer was lost, not the engine
      await off.refresh();
    }
  }

  /** An allowance whose days are over goes back at once instead of after the grace: everything sold on it has arrived. @param {any} device */
  async function closeOver(device) {
    const over = (await db.getAll('allowances')).filter(({ allowance }) => moments.now() > momentOf(allowance.not_after));
    const { seq } = await chainOf(db);
    for (const kept of over) {
      const body = JSON.stringify({ allowance_id: kept.alw, spent: kept.spent, seq });
      const answer = await askAsDevice(device, CLOSINGS, body);
      if (answer.status !== 200 && answer.status !== 404) return;
      const tx = db.transaction('allowances', 'readwrite', STRICT);
      await Promise.all([tx.store.delete(kept.alw), tx.done]);
    }
  }

  return {
    send: () => send().catch(unlessAway).catch((failure) => console.error(failure)),

    /** Is it still moving? What another tab sends is counted by that tab. */
    async waits() {
      await off.refresh();
      return { moving: store.get().offline.sending || !store.get().offline.owner };
    },

    /** Everything the screen Tertunda shows. */
    async pendingList() {
      const [rows, toSee] = await Promise.all([newest(db), toLookAt(db, OUTCOMES_SHOWN_MAX)]);
      return { rows, toSee };
    },

    /** One key of that screen: ask for an answer, then send. */
    async sendNow() {
      if (!await off.beat()) return store.set({ problem: words.PENDING_AWAY });
      return send();
    },

    async exportQueue() {
      const device = off.device();
      const address = URL.createObjectURL(await exported(db));
      const link = document.createElement('a');
      Object.assign(link, { href: address, download: `antrean-${device?.device_id ?? 'tablet'}.jsonl` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), FILE_LIFE_MS);
    },

    /** The shell is fetched anew; the queue, the key and the allowances are not touched. */
    async repair() {
      if (!await off.beat()) return store.set({ problem: words.PENDING.repairNeedsSignal });
      const workers = await navigator.serviceWorker?.getRegistrations() ?? [];
      await Promise.all(workers.map((each) => each.unregister()));
      const names = await globalThis.caches?.keys() ?? [];
      await Promise.all(names.map((name) => caches.delete(name)));
      window.location.reload();
      return undefined;
    },
  };
}
