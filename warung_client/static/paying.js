// From the basket to the engine's decision: quote, proof of who pays, agreement, one PUT.

import { toWire } from './cart.js';
import { forgetPending, receiptPicture, rememberPending } from './entering.js';
import { helping } from './helping.js';
import { purchaseBody } from './purchase.js';
import { basketAgain } from './state.js';
import { answered, identified, quoted, wayChosen } from './steps.js';
import { uuid7 } from './uuid7.js';
import { NO_ANSWER } from './words.js';

/** @param {any} till */
export function paying(till) {
  const { store, session, sender, tab } = till;
  const sale = (changes) => store.set((state) => ({ sale: { ...state.sale, ...changes } }));

  /** @param {object} [payer] */
  async function quote(payer) {
    const body = { lines: toWire(store.get().cart), ...(payer && { payer }) };
    return session.call('/v1/quotes', { method: 'POST', body });
  }

  /** Did the cashier choose something else since? Then an answer comes too late. */
  function stillHere() {
    const { visit } = store.get().sale;
    return () => store.get().sale?.visit === visit;
  }

  /** One question to identify; true when it was answered in time. @param {object} body */
  async function identify(body) {
    const here = stillHere();
    const answer = await session.call('/v1/payers/identify', {
      method: 'POST', body: { till_id: session.current.till_id, ...body },
    });
    if (!here()) return false;
    if (answer.status !== 200) return till.refuse(answer);
    store.set((state) => identified(state, answer.body));
    return answer.body.status === 'IDENTIFIED' ? showBalance() : true;
  }

  /** The second proof of a face or KTP; a code holds for this purchase and at most this amount. */
  function factor(name) {
    const { purchaseId, sale: { token, amount } } = store.get();
    return { continue: token, factor: name, ...(name === 'CODE' && { purchase_id: purchaseId, amount }) };
  }

  /** The payer is proven: the quote tells the balance before and after. */
  async function showBalance() {
    const here = stillHere();
    const answer = await quote({ token: store.get().sale.token });
    if (!here()) return false;
    if (answer.status !== 200) return till.refuse(answer);
    const { balance_before: before, balance_after: after, payer_token: token, programmes = [], day_limits: limits = [] } = answer.body;
    const balance = typeof before === 'number' ? { before, after, programmes, limits } : null;
    sale({ balance, provenAtMs: store.get().sale.provenAtMs || session.serverNow(), ...(token && { token }) });
    store.set({ screen: 'agree' });
    return true;
  }

  /** @param {import('./types.js').Payer} payer */
  async function send(payer) {
    const { cart, purchaseId, sale: { amount } } = store.get();
    const id = purchaseId ?? uuid7();
    rememberPending(tab, id, cart);
    store.set({ purchaseId: id, screen: 'result', outcome: { kind: 'WAITING', amount }, problem: null });
    await till.offline.buying({ id, amount, sticker: ('card_qr' in payer && payer.card_qr) || '' });
    const body = purchaseBody({
      tillId: session.current.till_id, timeZone: session.current.shop.time_zone,
      nowMs: session.serverNow(), payer, lines: toWire(cart),
    });
    const waiting = (said) => store.set({
      outcome: { kind: 'WAITING', slow: true, amount, message: said?.message ?? '', nextStep: said?.next_step ?? '' },
    });
    const answer = await sender.send(id, body, waiting);
    if (!answer) return; // stopped: it goes on without signal
    if (answer.body?.code === 'PIN_NOT_OPENED') till.act.notOpened();
    if (answer.status === 401) await till.refuse(answer); // nothing was decided: the id stays
    else await till.finish(answer);
  }

  Object.assign(till, { send, showBalance, identify, factor });

  till.finish = async (answer) => {
    forgetPending(tab);
    store.set((state) => answered(state, answer));
    const { outcome } = store.get();
    if (outcome.kind !== 'APPROVED') return void till.offline.answered(answer);
    await till.offline.answered(answer); // before anything else may fail: what it drew is known here
    till.offline.sold();
    const qr = await receiptPicture(session, outcome.purchase_id).catch(() => null);
    store.set((state) => (state.outcome === outcome ? { outcome: { ...outcome, qr } } : {}));
  };

  return {
    ...helping(till, showBalance),

    pay: () => till.attempt(async () => {
      if (till.offline.away() && await till.offline.quote()) return undefined;
      await till.offline.sendFirst();
      const answer = await quote().catch((failure) => till.offline.noticed(failure));
      if (!answer) return await till.offline.quote() ? undefined : store.set({ problem: NO_ANSWER });
      if (answer.status !== 200) return till.refuse(answer);
      return store.set((state) => ({ ...quoted({ ...state, purchaseId: till.idNow ? till.idNow() : state.purchaseId }, answer.body, uuid7), pad: null, told: null }));
    }),

    /** Possible at any moment, whatever is being asked. */
    chooseWay(way) {
      till.abandon();
      store.set((state) => wayChosen(state, way));
    },
    toCart() {
      till.abandon();
      store.set(basketAgain);
    },

    /** A movement to ask for, good for one answer; null when none came. */
    async drawChallenge() {
      let drawn = null;
      await till.attempt(async () => {
        const here = stillHere();
        const answer = await session.call('/v1/payers/challenges', { method: 'POST' });
        if (!here()) return;
        if (answer.status === 200) drawn = answer.body;
        else await till.refuse(answer);
      });
      return drawn;
    },

    identifyFaces: (method, fields) => till.attempt(() => {
      const { quoteId, birthDate, forKpm } = store.get().sale;
      const known = method === 'FACE'
        ? { quote_id: quoteId, ...(birthDate && { birth_date: birthDate }) }
        : { quote_id: quoteId, ...(forKpm && { for_kpm_id: forKpm }) };
      return identify({ method, ...fields, ...known });
    }),

    /** The answer that is under way is not waited for; way and birth date stay. */
    stopAsking() {
      till.abandon();
      sale({ visit: store.get().sale.visit + 1 });
    },

    forgetProblem: () => store.set({ problem: null }),
    useBirthDate: (birthDate) => { store.set({ problem: null }); sale({ birthDate }); },
    faceAgain: () => { store.set({ problem: null }); sale({ faceFailures: 0 }); },

    identifyPhone: (msisdn) => till.attempt(async () => {
      sale({ msisdn });
      const { purchaseId, sale: { amount, quoteId } } = store.get();
      const id = purchaseId ?? uuid7();
      store.set({ purchaseId: id });
      const done = await identify({ method: 'PHONE', msisdn, purchase_id: id, amount, quote_id: quoteId });
      if (done && store.get().sale.stepUp.includes('CODE')) store.set({ screen: 'agree' });
    }),

    useCard(card) {
      sale({ card });
      store.set({ screen: 'agree', problem: null });
    },

    useNik: (nik) => sale({ nik }),

    /** Sends the SMS code for a face or KTP that waits for its second proof. */
    sendCode: () => till.attempt(() => identify(factor('CODE'))),

    /** "Ya, ini belanja saya": pay now, or ask for the PIN or code first. */
    agree: () => till.attempt(async () => {
      const { way, token, ownCode } = store.get().sale;
      if (ownCode) await send({ method: 'QR', code: ownCode });
      else if (way === 'KKS') sale({ asking: 'PIN' });
      else if (way === 'PHONE') sale({ asking: 'CODE' });
      else await send({ token });
    }),

    /** The same way once more; a code was bound to the refused id, so a new one is sent. */
    tryAgain() {
      const { way, card, cardQr, typed, holder, msisdn } = store.get().sale ?? {};
      if (!way) return store.set({ screen: 'cart', pane: 'cart', outcome: null });
      store.set((state) => wayChosen(state, way));
      if (way === 'PHONE') sale({ msisdn });
      if (way === 'KKS') store.set((state) => ({ screen: 'agree', sale: { ...state.sale, card, cardQr, typed, holder, asking: 'PIN' } }));
      return undefined;
    },

    askAgain: () => till.alarm.wake(),
    newSale() {
      store.set({ screen: 'cart', pane: 'goods', sale: null, outcome: null, problem: null });
      return till.freshen();
    },
  };
}
