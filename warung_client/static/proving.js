// Signs each request with the tablet's own key, so that a copied token is worth nothing without the tablet.

import { KEYED } from './offline/door.js';

const STORE_MS_MAX = 5_000; // a browser that opens its store no sooner asks without its key

/**
 * @typedef {{deviceId: string, method: string, path: string, body: string, token: string, atMs: number}} ToSign
 * @typedef {(what: ToSign) => Promise<string|null>} Prove null: this browser holds no key of that device
 */

/** @param {any} till @returns {Prove} */
export const proving = (till) => async ({ deviceId, ...what }) => {
  if (!window.localStorage.getItem(KEYED)) return null;
  const late = new Promise((resolve) => { setTimeout(resolve, STORE_MS_MAX, null); });
  const all = await Promise.race([till.offline.load(), late]);
  const device = all?.deviceHere();
  if (device?.device_id !== deviceId) return null;
  const { proofOf } = await import('./offline/device.js');
  return proofOf(device, what);
};
