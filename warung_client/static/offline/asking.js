// Requests that the device itself signs: no cashier need be there.

import { read, Unreachable } from '../api.js';
import { authorization } from './device.js';

const ANSWER_MS_MIN = 20_000;
const PACKED_FROM = 2_000; // letters; less fits a packet or two as it is
const BYTES_A_SECOND = 8_000; // a line as slow as this must still bring a batch

/**
 * @param {import('./device.js').Device} device @param {string} path @param {string} text the JSON body, as it is signed
 * @param {typeof fetch} [send] @returns {Promise<import('../types.js').Answer>}
 */
export async function askAsDevice(device, path, text, send = fetch) {
  const headers = { 'Content-Type': 'application/json', Authorization: await authorization(device, 'POST', path, text) };
  const patience = ANSWER_MS_MIN + (text.length / BYTES_A_SECOND) * 1000;
  const packed = await gzip(text);
  let response;
  try {
    response = await send(path, { method: 'POST', headers: { ...headers, ...packed.headers }, body: packed.body, signal: AbortSignal.timeout(patience) });
  } catch (failure) {
    throw new Unreachable(String(failure));
  }
  return read(response);
}

/** A queue on a thin line takes a third of the bytes; what is signed is the text. @param {string} text */
async function gzip(text) {
  if (text.length < PACKED_FROM || typeof CompressionStream === 'undefined') return { headers: {}, body: text };
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return { headers: { 'Content-Encoding': 'gzip' }, body: await new Response(stream).arrayBuffer() };
}
