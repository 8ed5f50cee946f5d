// Requests that the device itself signs: no cashier need be there.

import { read, Unreachable } from '../api.js';
import { authorization } from './device.js';

const ANSWER_MS_MIN = 20_000;
const BYTES_A_SECOND = 8_000; // a line as slow as this must still bring a batch

/**
 * @param {import('./device.js').Device} device @param {string} path @param {string} text the JSON body, as it is signed
 * @param {typeof fetch} [send] @returns {Promise<import('../types.js').Answer>}
 */
export async function askAsDevice(device, path, text, send = fetch) {
  const headers = { 'Content-Type': 'application/json', Authorization: await authorization(device, 'POST', path, text) };
  const patience = ANSWER_MS_MIN + (text.length / BYTES_A_SECOND) * 1000;
  let response;
  try {
    response = await send(path, { method: 'POST', headers, body: text, signal: AbortSignal.timeout(patience) });
  } catch (failure) {
    throw new Unreachable(String(failure));
  }
  return read(response);
}
