// The tablet becomes a device of a shop: a key made here, let in by the owner's one-time code.

import { read, request } from '../api.js';
import { uuid7 } from '../uuid7.js';
import { refusal } from '../words.js';
import * as words from '../words/offline.js';
import { canHoldKey, makeKey } from './device.js';
import { keepCode } from './pin_proof.js';
import { FORMER, formerWith, TOLD } from './decided.js';
import { chainOf } from './queue.js';
import { readFact, STRICT, writeFact } from './store.js';

const OWN_LABEL = 'Tablet';

/** @param {any} till @param {import('./start.js').Off} off */
export function enrolling(till, off) {
  const { store, session } = till;
  const { db } = off;

  /** A new chain for a new key; only when nothing waits. */
  async function startAnew() {
    const former = await formerWith(db, off.device());
    const tx = db.transaction(['meta', 'queue', 'sent', 'outcomes', 'allowances'], 'readwrite', STRICT);
    ['queue', 'sent', 'outcomes', 'allowances'].forEach((name) => tx.objectStore(name).clear());
    ['chain', 'unseen', TOLD].forEach((name) => tx.objectStore('meta').delete(name));
    tx.objectStore('meta').put(former, FORMER);
    await tx.done;
  }

  /** What must not be: no place for a key, or sales that another key signed and nobody has yet. */
  async function hindrance() {
    if (!canHoldKey()) return globalThis.isSecureContext ? words.DEVICE.notHere : words.INSECURE;
    return (await chainOf(db)).count ? words.DEVICE.queueFirst : null;
  }

  /** The same try again after a lost answer: id and key are on the disk before they are sent. @param {string} code @param {string|null} deviceId */
  async function attemptOf(code, deviceId) {
    const kept = await readFact(db, 'enrolment');
    if (kept && kept.code === code && (!deviceId || kept.device_id === deviceId)) return kept;
    const fresh = { code, device_id: deviceId ?? uuid7(), key: await makeKey() };
    await writeFact(db, 'enrolment', fresh);
    return fresh;
  }

  /** @param {any} attempt @param {any} said @param {string} label */
  async function done({ device_id, key }, said, label) {
    await startAnew();
    await off.setDevice({ device_id, key, label, state: said.state, shop_id: said.shop?.shop_id, till_id: said.till_id });
    await writeFact(db, 'enrolment', undefined);
    keepCode().catch(() => {}); // again with the first allowance
    const persisted = await navigator.storage?.persist?.().catch(() => false);
    till.offline.mark({ persisted: persisted ?? null });
  }

  return {
    deviceHere: () => off.device(),

    /** A spare tablet or telephone, with nobody logged in. @param {string} code @param {string} label */
    enrol: (code, label) => till.attempt(async () => {
      const problem = await hindrance();
      if (problem) return store.set({ problem });
      const attempt = await attemptOf(code, null);
      const { device_id, key } = attempt;
      const answer = await read(await request((path, init) => fetch(path, init), '/v1/devices', {
        method: 'POST', body: { device_id, code, algorithm: key.algorithm, public_key: key.publicKey, label },
      }));
      if (answer.status >= 300) return store.set({ problem: refusal(answer) });
      await done(attempt, answer.body, label);
      const { shop, staff, device_secret } = answer.body;
      staff.forEach(({ staff_id, role, name }) => session.install({
        role, device_id, device_secret, staff_id, name, shop_id: shop.shop_id, shop_name: shop.name,
      }));
      return till.signIn({ ...words.DEVICE.enrolled, calm: true });
    }),

    /** A key for the device that is logged in here. @param {string} code */
    bindKey: (code) => till.attempt(async () => {
      const problem = await hindrance();
      if (problem) return store.set({ problem });
      const attempt = await attemptOf(code, session.current.device_id);
      const { key } = attempt;
      const answer = await session.call('/v1/devices/key', {
        method: 'PUT', body: { algorithm: key.algorithm, public_key: key.publicKey, code, label: OWN_LABEL },
      });
      if (answer.status === 401) return till.refuse(answer);
      if (answer.status >= 300) return store.set({ problem: refusal(answer) });
      await done(attempt, { ...answer.body, shop: session.current.shop, till_id: session.current.till_id }, OWN_LABEL);
      return store.set({ problem: { ...words.DEVICE.bound, calm: true } });
    }),

    /** @param {string} pin the owner's own @returns {Promise<any>} code and its end; null when it was refused */
    async makeCode(pin) {
      let made = null;
      await till.attempt(async () => {
        const answer = await session.call('/v1/devices/codes', { method: 'POST', body: { pin } });
        if (answer.status === 201) made = answer.body;
        else if (answer.status === 401 && answer.body?.code === 'NO_SESSION') await till.refuse(answer);
        else store.set({ problem: refusal(answer) });
      });
      return made;
    },
  };
}
