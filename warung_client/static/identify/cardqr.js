// What a reader typed at KENALI KPM: our sticker, our card's stripe, a bank's card, a telephone's code.

import { cardFits } from '../numbers.js';
import { readCardText } from '../offline/card_qr.js';
import { isOwnCode } from '../showing.js';

const TRACK_2 = /;(\d{12,19})=[\d=]*\??/;
const OWN_SERIES = '9991';
const WHOLE_NUMBER = /^\d{16}$/;

/**
 * `card_qr` and `card` as the engine takes them. Of a bank's card nothing is kept, not even its last digits.
 * @typedef {{kind: 'STICKER', cardQr: string}|{kind: 'OWN_CARD', card: string}|{kind: 'BANK_CARD'}|{kind: 'PHONE_CODE', code: string}|{kind: 'OTHER'}} Read
 */

/** @param {string} text a burst of a wedge reader, or what the camera read @returns {Read} */
export function whatWasRead(text) {
  const sticker = readCardText(text);
  if (sticker) return { kind: 'STICKER', cardQr: sticker.text };
  if (isOwnCode(text)) return { kind: 'PHONE_CODE', code: text.trim() };
  const number = TRACK_2.exec(text)?.[1] ?? (WHOLE_NUMBER.test(text.trim()) ? text.trim() : null);
  if (!number) return { kind: 'OTHER' };
  return number.startsWith(OWN_SERIES) && cardFits(number) ? { kind: 'OWN_CARD', card: number } : { kind: 'BANK_CARD' };
}

/** How a card read by sticker is shown: the end of its token, never its secret. @param {string} cardQr */
export const stickerMark = (cardQr) => `KKS ...${readCardText(cardQr)?.token.slice(-4) ?? ''}`;
