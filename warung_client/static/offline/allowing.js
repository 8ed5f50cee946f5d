// Setting money aside for days without signal, at the wish of the family and by her card and PIN; taking it back.

import { Unreachable } from '../api.js';
import { openSealer } from '../identify/sealing.js';
import { uuid7 } from '../uuid7.js';
import { refusal, say } from '../words.js';
import * as words from '../words/offline.js';
import { keep, momentOf } from './allowance.js';
import { leftOf, without } from './doubt.js';
import { keepCode } from './pin_proof.js';
import { DOUBTS } from './queue.js';
import { STRICT } from './store.js';

const ALLOWANCES = '/v1/offline/allowances';
const RECALLS = '/v1/offline/recalls';

/** @param {any} till @param {import('./start.js').Off} off */
export function allowing(till, off) {
  const { store, session } = till;
  const { db } = off;
  /** One id for one wish, until it is answered. @type {{of: string, id: string}|null} */
  let asked = null;
  const idFor = (wish) => {
    if (asked?.of !== wish) asked = { of: wish, id: uuid7() };
    return asked.id;
  };

  /** Checked against the engine's key, then kept; `remaining` is what the engine says is left. @param {any} signed */
  async function keepSigned(signed) {
    if (signed.allowance.device !== off.device()?.device_id || !await off.trusted(signed.allowance, signed.sig)) return false;
    await off.learn(momentOf(signed.time_anchor ?? signed.allowance.time_anchor));
    const tx = db.transaction('allowances', 'readwrite', STRICT);
    const known = await tx.store.get(signed.allowance.alw);
    tx.store.put(known ?? keep(signed, signed.remaining));
    await tx.done;
    if (!known) await keepCode().catch(() => {}); // kept anyway when the till is quiet
    return true;
  }

  /**
   * What the engine says is live here: what it ended leaves, what was drawn online is less, and so is what waits and
   * it does not know of. Purchases that it has decided by now are in its answer. Wrong PINs are forgiven.
   */
  async function pull() {
    if (!off.device() || off.device()?.device_id !== session.current?.device_id || session.current.alone) return;
    const [decided, before] = [await off.decided(), await db.getAll('queue')];
    const answer = await session.call(ALLOWANCES);
    if (answer.status !== 200) return;
    const live = new Map(answer.body.allowances.map((each) => [each.allowance.alw, each]));
    for (const signed of live.values()) await keepSigned(signed);
    const tx = db.transaction(['allowances', 'queue', 'meta'], 'readwrite', STRICT);
    const [allowances, meta, now] = [tx.objectStore('allowances'), tx.objectStore('meta'), await tx.objectStore('queue').getAll()];
    for (const kept of await allowances.getAll()) {
      const said = live.get(kept.alw);
      const [waited, waits] = [before, now].map((rows) => rows.filter((/** @type {any} */ { alw }) => alw === kept.alw));
      if (!said && !waits.length) allowances.delete(kept.alw);
      else if (said && typeof said.remaining === 'number') allowances.put({ ...kept, tries: 0, left: leftOf(said.remaining, waited, waits) });
    }
    const doubts = await meta.get(DOUBTS);
    if (doubts) meta.put(without(doubts, decided), DOUBTS);
    await tx.done;
    off.settled(decided);
    await off.refresh();
  }

  /** Was the key approved meanwhile: the same key bound once more is told its state. */
  async function askState() {
    const device = off.device();
    if (!device || device.split || device.state === 'APPROVED' || device.device_id !== session.current?.device_id || session.current.alone) return;
    const { algorithm, publicKey } = device.key;
    const answer = await session.call('/v1/devices/key', { method: 'PUT', body: { algorithm, public_key: publicKey, label: device.label } });
    if (answer.status === 200 && answer.body.state !== device.state) await off.setDevice({ ...device, state: answer.body.state });
  }

  const sealer = openSealer((path) => session.call(path));
  /** The PIN leaves the page sealed, for this one act. @param {string} qr @param {string} pin @param {string} act */
  const payer = async (qr, pin, act) => ({
    method: 'KKS', card_qr: qr, pin_sealed: await sealer.seal({ pin, tillId: session.current.till_id, act, nowMs: session.serverNow() }),
  });

  /** True when it was done. @param {{path: string, make: () => Promise<any>}} what @param {(body: any) => Promise<boolean>} done @returns {Promise<boolean>} */
  async function ask({ path, make }, done) {
    let good = false;
    await till.attempt(async () => { good = await tried(path, await make(), done) === true; });
    return good;
  }

  /** @param {string} path @param {any} body @param {(body: any) => Promise<boolean>} done */
  async function tried(path, body, done) {
    const answer = await session.call(path, { method: 'POST', body });
    if (answer.status === 401) return till.refuse(answer);
    if (answer.status < 500) asked = null; // answered: the next wish has an id of its own
    if (answer.body?.code === 'PIN_NOT_OPENED') sealer.forget();
    if (answer.status !== 200) return store.set({ problem: refusal(answer) });
    if (answer.body.status === 'DECLINED') return store.set({ problem: say(answer.body.message, answer.body.next_step) });
    const good = await done(answer.body);
    await off.refresh();
    return good;
  }

  return {
    pull: () => askState().then(pull).catch((failure) => failure instanceof Unreachable || console.error(failure)),
    /** A sale was approved online: the engine drew what was set aside here first. */
    async sold() {
      if ((await db.count('allowances')) > 0) await pull();
    },
    allowanceList: () => db.getAll('allowances'),

    /** @param {string} qr @param {string} pin @param {number|null} amount */
    askAllowance: (qr, pin, amount) => ask({
      path: ALLOWANCES,
      make: async () => {
        const id = idFor(`${qr} ${amount}`);
        return { allowance_id: id, payer: await payer(qr, pin, id), ...(amount && { amount }) };
      },
    }, async (signed) => {
      const kept = await keepSigned(signed);
      store.set({ problem: kept ? { ...say(words.ALLOWANCE.made), calm: true } : words.ALLOWANCE.untrusted });
      return kept;
    }),

    /** @param {string} qr @param {string} pin */
    recallAllowance: (qr, pin) => ask({
      path: RECALLS,
      make: async () => {
        const id = idFor(`recall ${qr}`);
        return { recall_id: id, payer: await payer(qr, pin, id) };
      },
    }, async (body) => {
      store.set({ problem: { ...say(body.message || words.ALLOWANCE.recalled, body.next_step ?? ''), calm: true } });
      await pull();
      return true;
    }),
  };
}
