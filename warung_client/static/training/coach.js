// What to do next on the training ground: one sentence for where the learner is.

import { COACH } from '../words/training.js';

/**
 * @param {any} state @returns {string} empty where nothing needs to be said
 */
export function coach(state) {
  const { screen, pad, told, cart, sale, outcome } = state;
  if (screen === 'cart') return told ? '' : atBasket(pad, cart);
  if (screen === 'who') return atWays(sale);
  if (screen === 'agree') return sale?.asking ? COACH.pin : COACH.yes;
  if (screen !== 'result') return '';
  return outcome?.kind === 'APPROVED' ? COACH.done : COACH.again;
}

/** @param {any} pad @param {any} cart */
function atBasket(pad, cart) {
  if (pad) return COACH.price;
  return cart.lines.length ? COACH.pay : COACH.goods;
}

/** @param {any} sale */
function atWays(sale) {
  if (sale?.stepUp?.length) return COACH.pin;
  if (sale?.way === 'KKS') return COACH.card;
  return sale?.way === 'PHONE' ? COACH.phone : COACH.way;
}

/** Does the sample card help here. @param {any} state */
export const offersCard = ({ screen, sale }) => screen === 'who' && sale?.way === 'KKS';
