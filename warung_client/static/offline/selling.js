// A sale without signal: the tablet judges, the card and the PIN prove, and the envelope is on the disk before the receipt shows.

import { EMPTY_CART, mark, refused, toWire } from '../cart.js';
import { rfc3339 } from '../clock.js';
import { forgetPending } from '../entering.js';
import { uuid7 } from '../uuid7.js';
import { NO_ANSWER, someRefused } from '../words.js';
import * as words from '../words/offline.js';
import { hindrance, ofCard, spend } from './allowance.js';
import { cardRef, readCardText } from './card_qr.js';
import { certain } from './doubt.js';
import { makeBody, receiptText, seal } from './envelope.js';
import { signWith } from './device.js';
import { engineAnswers } from './heartbeat.js';
import { envelopeLines, judge } from './judging.js';
import { PIN_TRIES_MAX, standing } from './limits.js';
import { pinFits, warmUp } from './pin_proof.js';
import { chainOf, ChainMoved, holds, record } from './queue.js';
import { paper, picture } from './receipt.js';
import { isFull, STRICT } from './store.js';
import { sentBefore } from './unanswered.js';

const HINDRANCES = {
  OVER: words.ALLOWANCE_OVER, EARLY: words.ALLOWANCE_EARLY, TRIES: words.TRIES_OVER, EMPTY: words.NO_ALLOWANCE, COUNT: words.TOO_MANY_SALES,
};
const LOCKS = { COUNT: words.LOCKED_COUNT, AGE: words.LOCKED_AGE, CATALOGUE: words.LOCKED_CATALOGUE };
const STATES = { ONLINE: words.NOT_APPROVED, REVOKED: words.REVOKED, QUARANTINED: words.QUARANTINED };
const CHAIN_TRIES_MAX = 3;

/** @param {any} till @param {import('./start.js').Off} off */
export function selling(till, off) {
  const { store, session, tab } = till;
  const { db, moments } = off;
  /** @type {import('./card_qr.js').CardQr|null} in memory alone, for this sale */
  let card = null;

  /** Why this tablet may not sell now, as a sentence; null when it may. */
  function notReady() {
    const device = off.device();
    if (!device) return NO_ANSWER;
    if (!store.get().offline.owner) return words.OTHER_TAB;
    if (device.device_id !== session.current?.device_id) return words.OTHER_SHOP;
    return STATES[device.state] ?? null;
  }

  async function limits() {
    const [chain, kept, remote] = await Promise.all([chainOf(db), db.get('catalogues', session.current.shop.region), off.remote()]);
    const nowMs = moments.now();
    return standing({
      unsent: chain.count, nextSeq: chain.seq + 1, remote, silentMs: nowMs - off.heardMs(), catalogueAgeMs: nowMs - (kept?.at_ms ?? 0),
    });
  }

  const today = () => rfc3339(moments.now(), session.current.shop.time_zone).slice(0, 10);
  const linesNow = () => envelopeLines(store.get().cart, store.get().catalogue);
  const judged = (kept) => judge(linesNow(), store.get().catalogue, kept?.days[today()]);

  /** @param {any} verdict @returns {boolean} may it go on; else the basket shows why */
  function lawful(verdict) {
    const cart = mark(store.get().cart, verdict.lines);
    const count = refused(cart).length;
    if (count) store.set({ cart, screen: 'cart', pane: 'cart', problem: someRefused(count) });
    return !count && !verdict.reason;
  }

  /**
   * What her allowance says to this basket.
   * @param {import('./allowance.js').Kept} kept with what is certain @param {import('./allowance.js').Kept} found as it stands @param {number} total
   */
  function tooMuch({ left, allowance: { limits: { tx_max: most } } }, found, total) {
    if (total > left && left < found.left) return words.inDoubt(left);
    if (total > left) return words.beyondAllowance(left, total);
    return most && total > most ? words.beyondOneSale(most) : null;
  }

  /** Counted on the disk before the PIN is looked at. @param {string} alw */
  async function countTry(alw) {
    const tx = db.transaction('allowances', 'readwrite', STRICT);
    const kept = await tx.store.get(alw);
    if (kept) tx.store.put({ ...kept, tries: kept.tries + 1 });
    await tx.done;
    return kept;
  }

  /** The id that was sent already for this very basket, whose answer never came; else a new one. @param {any} cart */
  const idOf = (cart) => sentBefore(tab, cart, store.get().purchaseId)?.id ?? uuid7(Math.round(moments.now()));

  /** @param {any} kept as it stands @param {number} surely what of it is certain @param {any} verdict @param {string} purchaseId */
  async function write(kept, surely, verdict, purchaseId) {
    const { cart, shop, staff, catalogue } = store.get();
    const device = /** @type {import('./device.js').Device} */ (off.device());
    for (let tries = 0; ; tries += 1) {
      const chain = await chainOf(db);
      const body = makeBody(chain, {
        device: device.device_id, alw: kept.alw, purchaseId, lines: linesNow(), total: verdict.total,
        catalog: catalogue.version, cashier: session.current.staff_id, ...moments.stamp(),
      });
      const { text, hash } = await seal(body, (message) => signWith(device.key, message));
      const after = spend(kept, { total: verdict.total, day: today(), taken: verdict.taken });
      const atMs = moments.now();
      const slip = paper({ shop, staff, cart, total: verdict.total, left: surely - verdict.total, seq: body.seq, atMs, name: kept.allowance.name });
      const row = { seq: body.seq, purchase_id: purchaseId, total: verdict.total, alw: kept.alw, at_ms: atMs, text, hash };
      try {
        await record(db, row, chain.head, after, { purchase_id: purchaseId, amount: verdict.total, paper: slip, text, lines: toWire(cart) });
        return { purchase_id: purchaseId, amount: verdict.total, receipt: { text: slip }, text };
      } catch (failure) {
        if (!(failure instanceof ChainMoved) || tries >= CHAIN_TRIES_MAX) throw failure;
      }
    }
  }

  function failed(failure) {
    console.error(failure);
    if (failure instanceof RangeError) return words.TOO_LARGE;
    return isFull(failure) ? words.FULL : words.NOT_KEPT;
  }

  /** It is on the disk: the receipt, then its picture. @param {any} done */
  async function recorded({ text, ...done }) {
    card = null;
    forgetPending(tab);
    off.settled([done.purchase_id]);
    store.set({ screen: 'result', purchaseId: null, cart: EMPTY_CART, sale: null, problem: null, outcome: { kind: 'RECORDED', ...done, qr: null } });
    await off.refresh();
    const [qr, verify] = await Promise.all([picture(text), receiptText(text).catch(() => '')]);
    store.set(({ outcome }) => (outcome?.purchase_id === done.purchase_id ? { outcome: { ...outcome, qr, receipt: { ...outcome.receipt, verify } } } : {}));
  }

  /** This very purchase is on the disk already: it is not sold twice. */
  function keptBefore() {
    forgetPending(tab);
    store.set({ screen: 'cart', cart: EMPTY_CART, purchaseId: null, sale: null, problem: words.ALREADY_KEPT });
  }

  return {
    /** @returns {Promise<boolean>} false: the engine answers after all, ask it */
    async quote() {
      card = null;
      const problem = notReady();
      const { kind, why } = problem ? { kind: 'FREE', why: null } : await limits();
      if ((problem || kind !== 'FREE') && navigator.onLine && await engineAnswers()) {
        await off.beat();
        return false;
      }
      if (problem || kind === 'LOCKED') {
        store.set({ problem: problem ?? LOCKS[why ?? 'COUNT'] });
        return true;
      }
      const verdict = judged(null);
      if (!lawful(verdict)) return true;
      warmUp().catch((failure) => console.error(failure));
      store.set({
        screen: 'who-offline', problem: null, outcome: null, pad: null, told: null,
        sale: { offline: true, way: 'OFFLINE', amount: verdict.total, lines: verdict.lines, visit: 0, faceFailures: 0, stepUp: [], asking: null, name: '' },
      });
      return true;
    },

    /** What the scanner read from her card. @param {string} typed */
    async readCard(typed) {
      const read = readCardText(typed);
      if (!read) return store.set({ problem: words.CARD_NOT_READ });
      const found = ofCard(await db.getAll('allowances'), await cardRef(read.token));
      const kept = found && certain(await off.doubts(), found, idOf(store.get().cart));
      const hindered = kept && hindrance(kept, moments.now());
      if (hindered === 'EMPTY' && found.left > 0) return store.set({ problem: words.inDoubt(0) });
      if (!kept || hindered) return store.set({ problem: hindered ? HINDRANCES[hindered] : words.NO_ALLOWANCE });
      if (kept.allowance.not_by?.includes(session.current.staff_id)) return store.set({ problem: words.OWN_FAMILY });
      const verdict = judged(kept);
      if (!lawful(verdict)) return undefined;
      const problem = tooMuch(kept, found, verdict.total);
      if (problem) return store.set({ problem });
      card = read;
      return store.set(({ sale }) => ({ screen: 'agree-offline', problem: null, sale: { ...sale, alw: kept.alw, name: kept.allowance.name } }));
    },

    /** Her PIN: proven here, then the sale is written. @param {string} pin */
    async payOffline(pin) {
      const { sale } = store.get();
      const problem = notReady();
      if (problem || !card || !sale?.alw) return store.set({ problem: problem ?? words.CARD_NOT_READ });
      const found = await countTry(sale.alw).catch((failure) => store.set({ problem: failed(failure) }));
      const id = idOf(store.get().cart);
      const kept = found && certain(await off.doubts(), found, id);
      const hindered = kept && hindrance(kept, moments.now());
      if (!kept || hindered) return store.set((now) => ({ screen: 'who-offline', problem: hindered ? HINDRANCES[hindered] : now.problem ?? words.NO_ALLOWANCE }));
      if (!await pinFits(pin, card.secret, kept.allowance.verifier)) {
        const left = PIN_TRIES_MAX - kept.tries - 1;
        if (left <= 0) await off.refresh(); // one family fewer can be served
        return store.set({ problem: left > 0 ? words.pinWrong(left) : words.TRIES_OVER, ...(left <= 0 && { screen: 'who-offline' }) });
      }
      const verdict = judged(kept);
      const beyond = tooMuch(kept, found, verdict.total);
      if (!lawful(verdict) || beyond) return beyond && store.set({ problem: beyond });
      if (await holds(db, id)) return keptBefore();
      const done = await write(found, kept.left, verdict, id).catch((failure) => store.set({ problem: failed(failure) }));
      return done && recorded(done);
    },
  };
}
