// Opens everything that sells without signal and joins it: store, clock, key, queue, heartbeat, tabs.

import { anyRemote, serves } from './allowance.js';
import { allowing } from './allowing.js';
import { countToLookAt } from './decided.js';
import { canHoldKey } from './device.js';
import { KEYED } from './door.js';
import { certain } from './doubt.js';
import { doubting } from './doubting.js';
import { enrolling } from './enrolling.js';
import { engineAnswers, openHeartbeat } from './heartbeat.js';
import { hearing } from './hearing.js';
import { keeping } from './keeping.js';
import { openMoments } from './moments.js';
import { chainOf } from './queue.js';
import { selling } from './selling.js';
import { sending } from './sending.js';
import { openStore, readFact, writeFact } from './store.js';
import { holdQueue } from './tabs.js';
import { unanswered } from './unanswered.js';

const HEARD_EVERY_MS = 300_000;

/**
 * What the parts share: `db` the store, `moments` the clock, `device()` who we are, `refresh()` after a change.
 * @typedef {{db: any, moments: any, device: () => import('./device.js').Device|null, setDevice: (device: any) => Promise<void>,
 *   refresh: () => Promise<void>, learn: (atMs: number) => Promise<void>, heardMs: () => number, beat: () => Promise<boolean>,
 *   remote: () => Promise<boolean>, trusted?: (signed: any, sig: string) => Promise<boolean>, wonders?: boolean,
 *   doubts?: () => Promise<import('./doubt.js').Doubt[]>, decided?: () => Promise<string[]>,
 *   settled?: (ids: string[]) => void}} Off `wonders`: sales wait for people, and we do not know why; `doubts`: what online purchases may have drawn
 */

/** @param {any} till @returns {Promise<any>} */
export async function openOffline(till) {
  const { mark } = till.offline;
  const db = await openStore();
  const moments = openMoments();
  const [anchor, heard, kept] = await Promise.all(['anchor', 'heard', 'device'].map((name) => readFact(db, name)));
  moments.restore(anchor);
  let [device, heardMs] = [kept ?? null, heard ?? 0];

  async function refresh() {
    const [chain, allowances, toSee, doubts] = await Promise.all([chainOf(db), db.getAll('allowances'), countToLookAt(db), off.doubts()]);
    mark({
      loaded: true, clockOffMs: moments.anchor ? Math.round(moments.now() - Date.now()) : null, device: device?.state ?? 'NONE', count: chain.count, sum: chain.sum, toSee,
      families: device?.state === 'APPROVED' ? serves(allowances.map((each) => certain(doubts, each)), moments.now()) : 0,
    });
  }

  /** The engine answered or did not; what waits goes out when it does. @param {boolean} away */
  function tell(away) {
    const before = till.store.get().offline;
    if (before.away !== away) mark({ away });
    if (away) return;
    if (moments.now() - heardMs > HEARD_EVERY_MS || before.away) {
      heardMs = moments.now();
      writeFact(db, 'heard', heardMs).catch((failure) => console.error(failure));
    }
    if (before.away) till.freshen().catch(() => {});
    const news = before.away || before.count > 0; // what it says is left counts what has just gone out
    all.send().then(() => news && all.pull()).then(() => all.hear());
  }
  const heartbeat = openHeartbeat({ ask: () => engineAnswers(), tell });

  /** @type {Off} */
  const off = {
    db, moments, refresh, beat: heartbeat.now,
    device: () => device,
    setDevice: async (next) => {
      device = next;
      await writeFact(db, 'device', next);
      window.localStorage.setItem(KEYED, '1');
      await refresh();
    },
    learn: async (atMs) => { await writeFact(db, 'anchor', moments.learn(atMs)); },
    heardMs: () => Math.max(heardMs, moments.anchor?.at_ms ?? 0),
    remote: async () => anyRemote(await db.getAll('allowances'), moments.now()),
  };
  const all = {
    beat: heartbeat.now, ...doubting(till, off), ...keeping(till, off), ...selling(till, off), ...sending(till, off), ...allowing(till, off), ...enrolling(till, off), ...hearing(till, off),
  };
  unanswered(till);
  window.addEventListener('online', () => heartbeat.now());
  window.addEventListener('offline', () => heartbeat.now());
  if (canHoldKey()) holdQueue((owner) => { mark({ owner }); refresh().then(() => owner && all.send()); });
  const persisted = device ? await navigator.storage?.persist?.().catch(() => false) : null;
  mark({ persisted: persisted ?? null });
  await refresh();
  return all;
}
