// The QR sticker of a KKS: a token that names the card and the secret that proves it is here.

import { fromBase64Url, sha256, toBase64Url } from './bytes.js';

/** @typedef {{text: string, token: string, secret: Uint8Array}} CardQr */

const SHAPE = /^EWK1:([\w-]{16}):([\w-]{22})$/;
const SECRET_BYTES = 16;
const REF_LETTERS = 22;

/** What a scanner typed, when it is a card's QR. @param {string} typed @returns {CardQr|null} */
export function readCardText(typed) {
  const text = typed.trim();
  const [, token, secret] = SHAPE.exec(text) ?? [];
  const raw = secret && fromBase64Url(secret);
  return raw && raw.length === SECRET_BYTES ? { text, token, secret: raw } : null;
}

/** By which name an allowance knows the card; the token cannot be found from it. @param {string} token @returns {Promise<string>} */
export async function cardRef(token) {
  return toBase64Url(await sha256(`EWK1-ref:${token}`)).slice(0, REF_LETTERS);
}
