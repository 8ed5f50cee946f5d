// What the cashier does at KENALI KPM: a card that was read, a sealed PIN, the ladder, notes, the queue of faces.

import { CannotSeal, openSealer } from './sealing.js';
import { EMPTY_CART } from '../cart.js';
import { BANK_CARD, CANNOT_SEAL, NOT_A_CARD, QUEUE_FULL, QUEUE_OVER } from '../words/identify.js';
import { apart } from '../training/here.js';
import { uuid7 } from '../uuid7.js';
import { say } from '../words.js';
import { whatWasRead } from './cardqr.js';
import { openNotes } from './notes.js';
import { QueueStrip } from './strip.js';
import { join, take } from './waiting.js';

const TELL_EVERY_MS = 60_000;
const HELD = { FAMILY: 'HELD_BY_FAMILY', OTHER: 'HELD_BY_OTHER' };

/** @param {any} till */
export function acting(till) {
  const { store, session } = till;
  const sealer = openSealer((path) => session.call(path));
  const notes = openNotes(apart(window.localStorage), session.call);
  const sale = (/** @type {any} */ changes) => store.set((/** @type {any} */ state) => ({ sale: { ...state.sale, ...changes } }));
  const clock = () => ({ nowMs: Math.round(session.serverNow()), timeZone: session.current.shop.time_zone });
  const note = (/** @type {string} */ path, /** @type {any} */ fields) => notes.add(path, fields, clock()).catch(console.error);
  till.strips = [...till.strips, QueueStrip];
  setInterval(() => { if (session.current && notes.count()) notes.tell().catch(console.error); }, TELL_EVERY_MS);

  /** `pin_sealed` for an act; null when this page cannot seal, and says so. @param {string} pin @param {string} [act] */
  async function sealed(pin, act = '') {
    try {
      return await sealer.seal({ pin, tillId: session.current.till_id, act, nowMs: session.serverNow() });
    } catch (failure) {
      if (!(failure instanceof CannotSeal)) throw failure;
      store.set({ problem: CANNOT_SEAL });
      return null;
    }
  }

  /** How the card came, once its purchase is on the way. @param {string} id */
  function noteCard(id) {
    const { typed, holder, noted } = store.get().sale;
    if (noted) return; // a PIN that is typed again is the same card
    sale({ noted: true });
    if (typed) note('/v1/card-notes', { kind: 'TYPED', purchase_id: id });
    if (HELD[holder]) note('/v1/card-notes', { kind: HELD[holder], purchase_id: id });
  }

  /** The sale in hand as it waits; nothing of it is sent meanwhile. */
  const inHand = ({ sale: its, cart, purchaseId }) => ({ sale: { ...its, asking: null }, cart, purchaseId });

  return {
    /** What we sealed was not opened: the next PIN goes to the engine's newest key. */
    notOpened: () => sealer.forget(),

    /** The second proof of a face or KTP. @param {string} name @param {string} value */
    proveWith: (name, value) => till.attempt(async () => {
      if (name !== 'PIN') return till.identify({ ...till.factor(name), value });
      const pin_sealed = await sealed(value);
      return pin_sealed && till.identify({ ...till.factor(name), pin_sealed });
    }),

    /** The PIN of a card, sealed for this one purchase, or the code of a phone. @param {string} secret */
    paySecret: (secret) => till.attempt(async () => {
      const { way, msisdn, card, cardQr } = store.get().sale;
      if (way !== 'KKS') return till.send({ method: 'PHONE', msisdn, code: secret });
      const id = store.get().purchaseId ?? uuid7();
      store.set({ purchaseId: id });
      const pin_sealed = await sealed(secret, id);
      if (!pin_sealed) return undefined; // it said why not
      noteCard(id);
      return till.send({ method: 'KKS', ...(cardQr ? { card_qr: cardQr } : { card }), pin_sealed });
    }),

    /** With the first screen of it: which ways are taken here, and the engine's key. */
    async getReady() {
      sealer.prepare().catch(() => {}); // asked again when a PIN is typed
      notes.tell().catch(console.error);
      if (store.get().methods) return;
      const { status, body } = await session.call('/v1/payers/methods').catch(() => ({ status: 0, body: null }));
      if (status !== 200) return; // all ways stand there
      store.set({ methods: [...new Set(body.programmes.flatMap((/** @type {any} */ each) => each.methods))] });
    },

    /** A reader read something while a payer is asked for. @param {string} text */
    cardRead(text) {
      const read = whatWasRead(text);
      const { holder = 'SELF' } = store.get().sale ?? {};
      if (read.kind === 'OTHER') return store.set({ problem: NOT_A_CARD });
      if (read.kind === 'BANK_CARD') return store.set({ problem: BANK_CARD });
      if (read.kind === 'PHONE_CODE') return till.act.readOwnCode(read.code);
      till.act.chooseWay('KKS');
      const card = read.kind === 'OWN_CARD' ? read.card : '';
      sale({ card, cardQr: read.kind === 'STICKER' ? read.cardQr : '', typed: false, holder });
      return store.set({ screen: 'agree', problem: null });
    },

    /** A number that was typed, because nothing could be read. @param {string} card */
    useTyped(card) {
      sale({ card, cardQr: '', typed: true });
      store.set({ screen: 'agree', problem: null });
    },

    /** @param {'SELF'|'FAMILY'|'OTHER'} holder */
    setHolder: (holder) => sale({ holder }),

    /** Her own phone is asked; it is PENDING until she answered there. @param {string} msisdn */
    askPhoneYes: (msisdn) => till.attempt(() => {
      sale({ msisdn, phoneAsked: true });
      return till.send({ method: 'PHONE', msisdn, confirm: 'USSD' });
    }),

    /** Waits no longer for her phone; the same id goes on by another way, so it is paid once. */
    otherThanPhone() {
      till.sender.stop(store.get().purchaseId);
      till.alarm.wake();
      store.set({ outcome: null });
      till.act.chooseWay(null);
    },

    /** @param {string} forKpm whom a delegate buys for */
    chooseFamily: (forKpm) => { store.set({ problem: null }); sale({ forKpm, families: null }); },

    /** What else is possible; the way under way is skipped for now. */
    askLadder: () => till.attempt(async () => {
      const { way, quoteId, visit } = store.get().sale;
      const skip = ['KKS', 'PHONE', 'FACE', 'KTP', 'DELEGATE', 'SUPERVISED'].includes(way) ? { skip: way } : {};
      const answer = await session.call('/v1/payers/ladder', {
        method: 'POST', body: { till_id: session.current.till_id, quote_id: quoteId, ...skip },
      });
      if (store.get().sale?.visit !== visit) return;
      if (answer.status !== 200) return void await till.refuse(answer);
      const { next_method: next, ladder } = answer.body;
      store.set({ problem: { ...say(ladder.message), calm: true, way: next } });
    }),

    /** One tap of the cashier: a family went home without food. @param {string} reason */
    cannotServe: (reason) => { note('/v1/turned-away', { reason }); },

    /** She is known and still packs: the next family may come forward. */
    queueSale() {
      const state = store.get();
      const queue = join(state.queue ?? [], inHand(state), session.serverNow());
      if (!queue) return store.set({ problem: QUEUE_FULL });
      const skewMs = session.serverNow() - Date.now();
      return store.set({ queue, skewMs, sale: null, cart: EMPTY_CART, purchaseId: null, outcome: null, problem: null, screen: 'cart', pane: 'goods' });
    },

    /** Back to a family of the queue; a basket in hand that was proven takes its place. @param {number} key */
    recallSale: (key) => till.attempt(async () => {
      const state = store.get();
      const { one, rest } = take(state.queue ?? [], key);
      if (!one) return;
      const over = one.untilMs <= session.serverNow();
      const proven = state.sale?.token && state.screen === 'agree';
      const queue = proven ? join(rest, inHand(state), session.serverNow()) ?? rest : rest;
      if (!proven && state.cart.lines.length) till.act.park();
      if (!proven && store.get().cart.lines.length) return; // no place for it: park has said so
      store.set({
        queue, cart: one.cart, purchaseId: one.purchaseId, outcome: null, problem: null, pad: null, told: null,
        sale: { ...one.sale, visit: one.sale.visit + 1 }, screen: 'who',
      });
      if (!over) return void await till.showBalance();
      till.act.chooseWay(null);
      store.set({ problem: QUEUE_OVER });
    }),
  };
}
