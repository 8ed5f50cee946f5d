// Keeps on the disk, before an online purchase is sent, what it may draw here; forgets it when the engine has told.

import { UNANSWERED_MS_MAX, without, withDoubt } from './doubt.js';
import { cardRef, readCardText } from './card_qr.js';
import { ofCard } from './allowance.js';
import { DOUBTS } from './queue.js';
import { readFact, STRICT } from './store.js';

/** @typedef {import('./doubt.js').Doubt} Doubt */

/** @param {any} till @param {import('./start.js').Off} off */
export function doubting(till, off) {
  const { session } = till;
  const { db } = off;
  /** A full disk kept them not; this page knows them all the same. @type {Doubt[]} */
  let unkept = [];

  off.doubts = async () => unkept.reduce(withDoubt, (await readFact(db, DOUBTS)) ?? []);

  /** Purchases whose end the engine knows, or that it never heard of: what it says from now on counts them. @returns {Promise<string[]>} */
  off.decided = async () => {
    const ids = [];
    for (const { purchase_id: id, settled, at_ms: at } of await off.doubts()) {
      const status = settled ? 200 : (await session.call(`/v1/purchases/${id}`)).status;
      if (status === 200 || (status === 404 && Math.abs(Date.now() - at) > UNANSWERED_MS_MAX)) ids.push(id);
    }
    return ids;
  };
  off.settled = (ids) => { unkept = without(unkept, ids); };

  /** @param {(doubts: Doubt[]) => Doubt[]} change */
  async function write(change) {
    const tx = db.transaction('meta', 'readwrite', STRICT);
    tx.done.catch(() => {}); // told by the put
    await tx.store.put(change((await tx.store.get(DOUBTS)) ?? []), DOUBTS);
    await tx.done;
  }

  /** Whose allowance a card's sticker names; null where it names none that is known here. @param {string} sticker */
  async function alwOf(sticker) {
    const card = sticker ? readCardText(sticker) : null;
    return card ? ofCard(await db.getAll('allowances'), await cardRef(card.token))?.alw ?? null : null;
  }

  const here = () => off.device()?.device_id === session.current?.device_id;

  return {
    /**
     * On the disk when this returns. Only what this very device buys draws what is set aside for it.
     * @param {{id: string, amount: number, sticker: string}} purchase
     */
    async buying({ id, amount, sticker }) {
      if (!here() || !await db.count('allowances')) return;
      const doubt = { purchase_id: id, amount, alw: await alwOf(sticker), settled: false, at_ms: Date.now() };
      await write((all) => withDoubt(all, doubt)).catch((failure) => {
        console.error(failure);
        unkept = withDoubt(unkept, doubt);
      });
      await off.refresh();
    },

    /**
     * The answer of a purchase says what it drew here; one that says nothing drew nothing.
     * @param {string} id @param {import('../types.js').Answer} answer @returns {Promise<boolean>} false: the engine must be asked
     */
    async answered(id, { status, body }) {
      if (status !== 200 || !here()) return false; // nothing is decided, or it was decided before
      const open = [...unkept, ...((await readFact(db, DOUBTS)) ?? [])].some((each) => each.purchase_id === id);
      if (!open) return true; // an answer that was heard before changes nothing
      const known = ['APPROVED', 'DECLINED'].includes(body.status);
      const tx = db.transaction(['meta', 'allowances'], 'readwrite', STRICT);
      const [meta, allowances] = [tx.objectStore('meta'), tx.objectStore('allowances')];
      const kept = body.set_aside && await allowances.get(body.set_aside.allowance_id);
      if (kept) allowances.put({ ...kept, left: kept.left - body.set_aside.amount });
      const all = (await meta.get(DOUBTS)) ?? [];
      meta.put(known ? without(all, [id]) : all.map((/** @type {Doubt} */ each) => (each.purchase_id === id ? { ...each, settled: true } : each)), DOUBTS);
      await tx.done;
      if (known) unkept = without(unkept, [id]);
      await off.refresh();
      return known;
    },

  };
}
