// One sale made without signal: its body, its place in the chain, its signature, its QR.

import { canonical, sha256, toBase64Url, utf8 } from './bytes.js';

/** @typedef {{v: 1, device: string, seq: number, prev: string, alw: string, purchase_id: string, lines: [string, number, string, number][], total: number, catalog: string, auth: string[], cashier: string, wall_ms: number, mono_ms: number|null, anchor_ms: number}} Body */
/** @typedef {{body: Body, sig: string}} Envelope */
/** @typedef {{seq: number, head: string}} Chain the newest envelope: the next one is seq + 1 and names head */

export const GENESIS = 'A'.repeat(43);
export const ENVELOPE_BYTES_MAX = 4096;
export const ENVELOPE_LINES_MAX = 50;
const FACTORS = ['KKS_QR', 'PIN'];
const RECEIPT_MARK = 'EWO1:';

/** @type {Chain} */
export const EMPTY_CHAIN = Object.freeze({ seq: 0, head: GENESIS });

/**
 * @param {Chain} chain
 * @param {{device: string, alw: string, purchaseId: string, lines: import('../types.js').WireLine[], total: number, catalog: string, cashier: string, wallMs: number, monoMs: number|null, anchorMs: number}} sale
 * @returns {Body}
 */
export function makeBody(chain, sale) {
  return {
    v: 1, device: sale.device, seq: chain.seq + 1, prev: chain.head, alw: sale.alw, purchase_id: sale.purchaseId,
    lines: sale.lines.map((/** @type {any} */ { sku, quantity_milli, unit, unit_price }) => [sku, quantity_milli, unit, unit_price]),
    total: sale.total, catalog: sale.catalog, auth: FACTORS, cashier: sale.cashier,
    wall_ms: Math.round(sale.wallMs), mono_ms: sale.monoMs === null ? null : Math.round(sale.monoMs), anchor_ms: sale.anchorMs,
  };
}

/** What the next envelope names as `prev`. @param {Envelope} envelope @returns {Promise<string>} */
export async function hashOf({ body, sig }) {
  return toBase64Url(await sha256(`${canonical(body)}.${sig}`));
}

/**
 * Signs a body; the text is what travels and what the paper carries.
 * @param {Body} body @param {(message: Uint8Array) => Promise<Uint8Array>} sign
 * @returns {Promise<{envelope: Envelope, text: string, hash: string}>}
 */
export async function seal(body, sign) {
  const envelope = { body, sig: toBase64Url(await sign(utf8(canonical(body)))) };
  const text = canonical(envelope);
  if (utf8(text).length > ENVELOPE_BYTES_MAX) throw new RangeError('the envelope is too large');
  return { envelope, text, hash: await hashOf(envelope) };
}

/** The text of the receipt's QR: the envelope itself, so that paper can bring a lost tablet's sale. @param {string} text @returns {Promise<string>} */
export async function receiptText(text) {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return RECEIPT_MARK + toBase64Url(await new Response(packed).arrayBuffer());
}

/**
 * Does the chain hold from `before` on: numbers without gaps, each naming the one before.
 * @param {Chain} before @param {Envelope[]} envelopes @returns {Promise<Chain|null>} the newest, null when it is broken
 */
export async function follow(before, envelopes) {
  let chain = before;
  for (const envelope of envelopes) {
    const { seq, prev } = envelope.body;
    if (seq !== chain.seq + 1 || prev !== chain.head) return null;
    chain = { seq, head: await hashOf(envelope) };
  }
  return chain;
}
