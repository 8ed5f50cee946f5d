// A cashier who was let in by the engine may come back by PIN while the engine is away.

import { fromBase64Url } from './bytes.js';
import { makeVerifier, pinFits } from './pin_proof.js';
import { openStore, STRICT } from './store.js';

export const CASHIER_TRIES_MAX = 5;
const LIFE_MS = 31 * 86_400_000; // then the engine must have seen this cashier once more

/**
 * @typedef {{staff_id: string, device_id: string, role: string, till_id: string, shop: any, staff: any, verifier: any,
 *   tries: number, seen_ms: number, skew_ms: number}} Cashier
 */

/** Counts in the store before the PIN is looked at: a killed browser forgets no try. @param {any} db @param {string} staffId @returns {Promise<Cashier|null>} */
async function countTry(db, staffId) {
  const tx = db.transaction('cashiers', 'readwrite', STRICT);
  const cashier = await tx.store.get(staffId);
  if (cashier && cashier.tries < CASHIER_TRIES_MAX) tx.store.put({ ...cashier, tries: cashier.tries + 1 });
  await tx.done;
  return cashier ?? null;
}

/**
 * After a log-in by the engine: remember who it was. The PIN itself is not kept.
 * @param {{staff_id: string, device_id: string}} device @param {any} session what the engine answered @param {string} pin
 */
export async function rememberCashier(device, session, pin) {
  const { till_id, shop, staff, skewMs = 0 } = session;
  const verifier = await makeVerifier(pin);
  const db = await openStore();
  const tx = db.transaction('cashiers', 'readwrite', STRICT);
  tx.store.put({
    staff_id: device.staff_id, device_id: device.device_id, role: staff.role, till_id, shop, staff, verifier,
    tries: 0, seen_ms: Date.now() + skewMs, skew_ms: skewMs,
  });
  await tx.done;
}

/**
 * OPEN with the cashier, WRONG with the tries left, BLOCKED until the engine lets her in, UNKNOWN here.
 * @param {string} staffId @param {string} pin @param {string} [deviceId] when only this device's cashiers count
 * @returns {Promise<{kind: 'OPEN', cashier: Cashier}|{kind: 'WRONG', left: number}|{kind: 'BLOCKED'|'UNKNOWN'}>}
 */
export async function unlockCashier(staffId, pin, deviceId) {
  const db = await openStore();
  const cashier = await countTry(db, staffId);
  const old = cashier && Math.abs(Date.now() + cashier.skew_ms - cashier.seen_ms) > LIFE_MS;
  if (!cashier || old || (deviceId && cashier.device_id !== deviceId)) return { kind: 'UNKNOWN' };
  if (cashier.tries >= CASHIER_TRIES_MAX) return { kind: 'BLOCKED' };
  const salt = fromBase64Url(cashier.verifier.salt) ?? new Uint8Array();
  if (!await pinFits(pin, salt, cashier.verifier)) {
    const left = CASHIER_TRIES_MAX - cashier.tries - 1;
    return left > 0 ? { kind: 'WRONG', left } : { kind: 'BLOCKED' };
  }
  const tx = db.transaction('cashiers', 'readwrite', STRICT);
  const now = await tx.store.get(staffId);
  if (now) tx.store.put({ ...now, tries: 0 });
  await tx.done;
  return { kind: 'OPEN', cashier: { ...cashier, tries: 0 } };
}

/** Who may come back, as log-ins of the first screen. @returns {Promise<any[]>} */
export async function knownCashiers() {
  const db = await openStore();
  const all = await db.getAll('cashiers');
  return all.map(({ staff_id, device_id, role, shop, staff }) => ({
    staff_id, device_id, role, shop_id: shop?.shop_id, shop_name: shop?.name, name: staff?.name,
  }));
}

/** The staff of a till that was revoked, or an owner's wish: nobody comes back without the engine. @param {string} staffId */
export async function forgetCashier(staffId) {
  const db = await openStore();
  const tx = db.transaction('cashiers', 'readwrite', STRICT);
  tx.store.delete(staffId);
  await tx.done;
}
