// The small part of selling without signal that is always there; the rest comes when it is first needed.

import { Unreachable } from '../api.js';
import { NO_ANSWER } from '../words.js';
import { engineAnswers } from './heartbeat.js';

/** What every screen may see. `device` is the state of its key; `families` can be served, `count` and `sum` wait. */
export const OFFLINE_BEGINNING = Object.freeze({
  away: false, loaded: false, device: 'NONE', owner: true, families: 0, count: 0, sum: 0, toSee: 0, news: 0, sending: false, ended: null, persisted: null, clockOffMs: null,
});

const REST_MS = 1_500;
export const SEND_FIRST_MS_MAX = 15_000; // a long queue on a thin line; what takes longer is bought all the same
const LOOK_MS = 100;
/** A hint beside the store: this browser holds a device key. */
export const KEYED = 'ewarong.offline';

/** @param {any} till */
const open = (till) => import('./start.js').then(({ openOffline }) => openOffline(till));
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/**
 * @param {any} till
 * @param {{openAll?: (till: any) => Promise<any>, pause?: (ms: number) => Promise<any>, now?: () => number}} [around]
 */
export function offlineDoor(till, { openAll = open, pause = sleep, now = Date.now } = {}) {
  const { store, session } = till;
  /** @type {Promise<any>|null} */
  let loading = null;

  /** The whole of it; null when its files cannot be had. @returns {Promise<any>} */
  function load() {
    loading ??= openAll(till).catch((failure) => {
      loading = null;
      console.error(failure);
      return null;
    });
    return loading;
  }
  const mark = (changes) => store.set((state) => ({ offline: { ...state.offline, ...changes } }));
  /** A tablet that sells without signal has its files here; elsewhere the first screen comes first. */
  const rested = new Promise((resolve) => { setTimeout(resolve, window.localStorage.getItem(KEYED) ? 0 : REST_MS); });
  const later = (work) => rested.then(load).then((all) => all && work(all)).catch((failure) => console.error(failure));

  return {
    load,
    mark,
    away: () => store.get().offline.away,
    soon: () => later((all) => all.beat()),

    /** A call failed: away when the engine answers nothing at all, else it is told as ever. @param {any} failure @returns {Promise<null>} */
    async noticed(failure) {
      if (!(failure instanceof Unreachable) || await engineAnswers()) throw failure;
      mark({ away: true });
      later((all) => all.beat());
      return null;
    },

    /** The engine let somebody in, or told today's goods: what is needed to go on without it. */
    remember(device, pin) {
      const known = session.current;
      setTimeout(() => later((all) => all.remember(device, known, pin)), REST_MS); // a slow hash, after the goods stand there
    },
    keepCatalogue: (catalogue) => void later((all) => all.keepCatalogue(catalogue)),
    opened: () => void later(async (all) => {
      await all.opened();
      await all.pull();
    }),
    /**
     * Before an online purchase is sent: what it may draw of money set aside here is on the disk, so that a signal
     * that dies before the answer leaves nothing to be sold twice.
     * @param {{id: string, amount: number, sticker: string}} purchase
     */
    async buying(purchase) {
      if (window.localStorage.getItem(KEYED)) await (await load())?.buying(purchase);
    },
    /** @param {import('../types.js').Answer} answer of a purchase */
    async answered(answer) {
      if (!window.localStorage.getItem(KEYED) || !answer.body?.purchase_id) return;
      await (await load())?.answered(answer.body.purchase_id, answer).catch((/** @type {any} */ failure) => console.error(failure));
    },
    sold: () => void (session.current && later((all) => all.sold())),

    /**
     * What was sold without signal goes out before anything is bought online: the engine draws an allowance
     * for an online purchase first, and what an envelope needs must not be gone when it comes.
     */
    async sendFirst() {
      const { loaded, count } = store.get().offline;
      if (loaded ? !count : !window.localStorage.getItem(KEYED)) return; // nothing waits, or nobody knows yet
      const until = now() + SEND_FIRST_MS_MAX;
      const inTime = (work) => Promise.race([work, pause(Math.max(0, until - now()))]);
      const all = await inTime(load());
      if (!all || !store.get().offline.count) return;
      await inTime(all.send());
      while (store.get().offline.count && (await inTime(all.waits()))?.moving && now() < until) await pause(LOOK_MS);
    },

    /** The engine let nobody in: was this tablet stopped? Its key may ask that without anybody. */
    askWhy() {
      if (window.localStorage.getItem(KEYED)) later((all) => all.hear({ now: true }));
    },
    /** The shop as this tablet knows it; false when it knows none. @param {any} failure of asking the engine @returns {Promise<boolean>} */
    async openKept(failure) {
      await this.noticed(failure);
      return Boolean(await (await load())?.openKept());
    },
    /** @returns {Promise<any[]>} who may come in without the engine */
    cashiers: async () => (await load())?.cashiers() ?? [],
    /** @param {any} device @param {string} pin */
    enter: async (device, pin) => (await load())?.enter(device, pin),
    /** Judges the basket here; false when the engine answers after all. @returns {Promise<boolean>} */
    async quote() {
      const all = await load();
      if (!all) store.set({ problem: NO_ANSWER });
      return all ? all.quote() : true;
    },
  };
}
