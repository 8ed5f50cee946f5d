// The owner's PIN at a cashier's till: a session of her own on this device for one act, and none afterwards.

import { read, request } from '../api.js';
import { openSession } from '../session.js';

/** Holds nothing beyond the act. */
function forgetful() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return /** @type {any} */ ({
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value),
    removeItem: (/** @type {string} */ name) => kept.delete(name),
  });
}

/** Log-ins of this device's shop. @param {any} till @returns {Promise<any[]>} */
export async function staffHere(till) {
  const { session } = till;
  const shopId = session.current?.shop?.shop_id;
  const samples = await session.samples().catch(() => []);
  const all = [...samples, ...session.installed()];
  return all.filter(({ shop_id: shop }) => !shop || shop === shopId);
}

/** The owner's log-in, with the device that stands here. @param {any} till @returns {Promise<any|null>} */
export async function ownerHere(till) {
  const all = await staffHere(till);
  const here = all.find(({ device_id: id }) => id === till.session.current?.device_id);
  const owner = all.find((each) => each.role === 'PEMILIK' && each.device_id === here?.device_id) ?? all.find(({ role }) => role === 'PEMILIK');
  if (!owner) return null;
  return here ? { ...owner, device_id: here.device_id, device_secret: here.device_secret } : owner;
}

/**
 * One act of the owner. When she is at work herself, her session does it.
 * @template T
 * @param {any} till @param {string} pin empty when she is logged in @param {(call: (path: string, what?: object) => Promise<import('../types.js').Answer>) => Promise<T>} act
 * @returns {Promise<{kind: 'DONE', value: T}|{kind: 'NO_OWNER'}|{kind: 'WRONG', detail: string}>}
 */
export async function asOwner(till, pin, act) {
  const { session, store } = till;
  if (store.get().staff?.role === 'PEMILIK') return { kind: 'DONE', value: await act(session.call) };
  const owner = await ownerHere(till);
  if (!owner) return { kind: 'NO_OWNER' };
  const hers = openSession({ send: (path, init) => fetch(path, init), devices: forgetful(), tab: forgetful(), prove: session.prove });
  const entered = await hers.enter(owner, pin);
  if (entered.status >= 300) return { kind: 'WRONG', detail: entered.body?.detail ?? '' };
  try {
    return { kind: 'DONE', value: await act(hers.call) };
  } finally {
    await hers.leave().catch(() => {}); // her token dies by itself within minutes
  }
}

/** Ends a session that another one has replaced. @param {any} session @param {string|undefined} token */
export async function endSession(session, token) {
  if (!token) return;
  const { device_id: deviceId, bound } = session.current ?? {};
  const sign = (/** @type {import('../api.js').Asked} */ what) => session.prove({ ...what, deviceId, atMs: session.serverNow() });
  await request((path, init) => fetch(path, init), '/v1/sessions', { method: 'DELETE', token, sign: bound ? sign : undefined }).then(read).catch(() => {});
}
