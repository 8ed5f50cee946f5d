// The till's day on this device: opened, noted, handed over, counted blind and closed by the owner.

import { hour, rfc3339 } from '../clock.js';
import { uuid7 } from '../uuid7.js';
import { SHIFT } from '../words/shift.js';
import { drawer, handed, isOpen, noted, opened, written } from './book.js';
import { keepShift, keepStock, keptShift, keptStock } from './keep.js';
import { asOwner, endSession, ownerHere, staffHere } from './owner.js';
import { countedAs, received, sold, warnedAt } from './stock.js';

const DONE = new Set(['APPROVED', 'RECORDED']);

/** @param {any} till @param {any} act what the till can do already */
export function working(till, act) {
  const { store, session } = till;
  const day = () => rfc3339(session.serverNow(), session.current.shop.time_zone).slice(0, 10);
  const name = (/** @type {any} */ staff) => staff?.name || staff?.role || '';

  /** @param {import('./book.js').Shift} shift */
  function put(shift) {
    keepShift(shift);
    store.set({ shift });
  }
  /** @param {import('./stock.js').Stock} stock */
  function putStock(stock) {
    keepStock(session.current.shop.shop_id, stock);
    store.set({ stock });
  }
  /** The shift of today, when it is open. @returns {any} */
  const current = () => {
    const { shift } = store.get();
    return session.current && isOpen(shift, session.current.till_id, day()) ? shift : null;
  };

  /** Somebody came to work: what this till left here. */
  function arrived() {
    const { shop, till_id: tillId } = session.current;
    const kept = keptShift(tillId);
    store.set({ shift: kept, stock: keptStock(shop.shop_id), shiftDay: day() });
  }

  /** A sale that stands: written down once. @param {any} outcome */
  function soldOnce(outcome) {
    const shift = current();
    if (!shift) return;
    put(written(shift, {
      id: outcome.purchase_id, number: outcome.receipt?.number ?? '', amount: outcome.amount, at: session.serverNow(),
      kind: outcome.kind, method: outcome.method ?? '',
    }));
  }

  let last = store.get();
  function watch(/** @type {any} */ state) {
    const before = last;
    last = state;
    if (state.shop && state.staff && (state.shop !== before.shop || state.staff !== before.staff) && session.current) arrived();
    const { outcome } = state;
    if (outcome && outcome !== before.outcome && DONE.has(outcome.kind) && outcome.purchase_id !== before.outcome?.purchase_id) soldOnce(outcome);
  }
  store.watch(watch);
  if (last.shop && session.current) arrived();

  const goodsSold = till.goodsSold ?? (() => {});
  till.goodsSold = (/** @type {any[]} */ lines, /** @type {boolean} */ withAid) => {
    goodsSold(lines, withAid);
    const { stock, catalogue } = store.get();
    if (stock && catalogue) putStock(sold(stock, lines, catalogue.goods));
  };

  /** An ordinary sale was taken back. @param {any[]} lines */
  till.goodsBack = (lines) => {
    const { stock, catalogue } = store.get();
    if (stock && catalogue) putStock(sold(stock, lines, catalogue.goods, -1));
  };

  /** A purchase was taken back: its goods stand on the shelf again. @param {string} id @param {any[]} lines of the void */
  till.tookBack = (/** @type {string} */ id, /** @type {any[]} */ lines) => {
    const { stock, catalogue } = store.get();
    putStock(sold(stock ?? {}, lines.map((line) => ({ ...line, quantityMilli: line.quantity_milli })), catalogue.goods, -1));
    const shift = current();
    const entry = shift?.journal.find((/** @type {any} */ each) => each.id === id);
    if (entry) put(written(shift, { ...entry, kind: 'VOIDED' }));
  };

  /** What should be sent and was not. */
  const unsent = () => {
    const { count = 0, sum = 0 } = store.get().offline ?? {};
    return { count, amount: sum };
  };

  /** The owner closes the day; one id until it is answered. @param {any} call @param {any} closing */
  const sendClose = (call, closing) => call(`/v1/shops/${session.current.shop.shop_id}/day/close`, {
    method: 'POST', body: { close_id: closing.id, day: closing.day, cash: closing.cash, unsent: closing.unsent },
  });

  /** @param {any} answer */
  async function closed(answer) {
    const { shift } = store.get();
    if (answer.status === 200) {
      put({ ...shift, closed: answer.body });
      till.tellCashCounts?.(0); // how many ordinary sales the day had
      store.set({ closing: null, problem: null, closedNow: shift.id });
    } else if (answer.status === 409) store.set({ problem: { message: answer.body.detail, nextStep: '' } });
    else await till.refuse(answer);
  }

  return {
    /** @param {number} cash */
    openShift: (cash) => put(opened({
      id: uuid7(), shop: session.current.shop.shop_id, till: session.current.till_id, day: day(), now: session.serverNow(), cash, cashier: name(store.get().staff),
    })),
    shiftLater: () => store.set({ shiftLater: true }),

    /** @param {'IN'|'OUT'} kind @param {number} amount @param {string} word */
    noteCash: (kind, amount, word) => put(noted(store.get().shift, { kind, amount, word, at: session.serverNow() })),
    takeOver: () => put(handed(store.get().shift, name(store.get().staff), session.serverNow())),

    /** Counts of the engine until now, for the owner; a cashier reads the tablet's own. */
    countNow: () => till.attempt(async () => {
      const cashSales = (await till.cashOfDay?.(store.get().shift?.day))?.cash ?? 0;
      store.set({ soFar: { cashSales, engine: null } });
      if (store.get().staff?.role !== 'PEMILIK') return;
      const answer = await session.call(`/v1/shops/${session.current.shop.shop_id}/day`);
      if (answer.status === 200) store.set({ soFar: { cashSales, engine: answer.body } });
      else await till.refuse(answer);
    }),

    /** Nothing unsent is closed over in silence: the count begins, or says what waits. @param {boolean} [handOver] */
    startClosing(handOver = false) {
      const left = unsent();
      store.set({
        problem: null,
        closing: left.count && !handOver ? { step: 'UNSENT', unsent: left } : { step: 'COUNT', unsent: { ...left, handed_over: handOver } },
      });
    },
    sendWaiting: () => till.attempt(async () => {
      const offline = await till.offline?.load();
      await offline?.beat();
      await offline?.send();
      act.startClosing();
    }),
    stopClosing: () => store.set({ closing: null, problem: null }),

    /** The blind count is done: only now is anything compared. @param {number} counted */
    countDone: (counted) => till.attempt(async () => {
      const cashSales = (await till.cashOfDay?.(store.get().shift.day))?.cash ?? 0;
      const { shift, closing } = store.get();
      store.set({ closing: { ...closing, step: 'OWNER', id: uuid7(session.serverNow()), day: shift.day, cash: drawer(shift, cashSales, counted) } });
    }),

    /** @param {string} pin empty when the owner is at work herself */
    closeDay: (pin) => till.attempt(async () => {
      const { closing } = store.get();
      const done = await asOwner(till, pin, (call) => sendClose(call, closing));
      if (done.kind === 'DONE') await closed(done.value);
      else store.set({ problem: done.kind === 'WRONG' ? { ...SHIFT.OWNER_WRONG, message: done.detail || SHIFT.OWNER_WRONG.message } : SHIFT.NO_OWNER });
    }),

    /** Another cashier's PIN opens her own session; the one before her ends. @param {any} device @param {string} pin */
    async changeCashier(device, pin) {
      const before = session.current?.access_token;
      await act.enter(device, pin);
      if (session.current?.access_token === before) return;
      await endSession(session, before);
      const shift = current();
      if (shift) put(handed(shift, name(store.get().staff), session.serverNow()));
    },
    staffHere: () => staffHere(till),
    ownerHere: () => ownerHere(till),

    /** @param {string} sku @param {number} milli */
    stockReceived: (sku, milli) => putStock(received(store.get().stock, sku, milli)),
    stockCounted: (sku, milli) => putStock(countedAs(store.get().stock, sku, milli)),
    stockLow: (sku, milli) => putStock(warnedAt(store.get().stock, sku, milli)),

    askMoney: () => till.attempt(async () => {
      const answer = await session.call(`/v1/shops/${session.current.shop.shop_id}/money`);
      if (answer.status === 200) store.set({ money: answer.body });
      else await till.refuse(answer);
    }),

    /** The day's list from the tablet, when the engine is away. @param {any[]} journal */
    ownRows: (journal) => journal.map((each) => ({
      purchase_id: each.id, number: each.number, amount: each.amount, status: each.kind, method: each.method,
      decided_at: rfc3339(each.at, session.current.shop.time_zone), returned: 0,
    })),
    hourOf: (/** @type {any} */ row) => hour(row.decided_at, session.current.shop.time_zone),
  };
}
