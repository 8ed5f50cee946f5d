// What officers decided later: told once, kept until it was read, also of a key this tablet had before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countToLookAt, FORMER, formerWith, markRead, noteDecided, noteFormer, toLookAt, waitingNames,
} from '../../warung_client/static/offline/decided.js';

/** The calls of the tablet's store that this needs, in memory. */
function memory(rows) {
  const stores = { meta: new Map(), sent: new Map(), outcomes: new Map(), ...rows };
  const keyOf = (name, row, key) => (name === 'meta' ? key : row.seq);
  const at = (name) => ({
    get: async (key) => stores[name].get(key),
    put: async (row, key) => { stores[name].set(keyOf(name, row, key), row); },
    delete: async (key) => { stores[name].delete(key); },
  });
  return {
    stores,
    get: async (name, key) => stores[name].get(key),
    getAll: async (name, _range, most) => [...stores[name].values()].slice(0, most),
    count: async (name) => stores[name].size,
    transaction: (names) => ({ objectStore: at, store: at([names].flat()[0]), done: Promise.resolve() }),
  };
}
const bySeq = (...rows) => new Map(rows.map((row) => [row.seq, row]));
const sent = (seq, outcome = 'ACCEPTED') => ({ seq, hash: `h${seq}`, total: 1000 * seq, at_ms: seq, outcome });
const said = (seq, outcome, more = {}) => ({
  envelope: `h${seq}`, seq, purchase_id: `p${seq}`, outcome, reason: null, message: 'x', decision: null, decided_at_ms: null, ...more,
});
const held = (seq) => ({ seq, purchase_id: `p${seq}`, outcome: 'HELD_FORK', reason: null, message: 'x', total: null });
const shown = async (db) => (await toLookAt(db)).map(({ seq, outcome, decision }) => [seq, outcome, decision]);

test('a held sale that was cleared is shown until it was read, and not told again', async () => {
  const db = memory({ sent: bySeq(sent(1), sent(2, 'HELD_FORK')), outcomes: bySeq(held(2)) });
  assert.deepEqual(await waitingNames(db), ['h2']);
  const cleared = said(2, 'ACCEPTED', { decision: 'CLEAR', decided_at_ms: 5 });
  assert.equal(await noteDecided(db, [cleared]), 1);
  assert.deepEqual(await shown(db), [[2, 'ACCEPTED', 'CLEAR']]);
  assert.equal((await toLookAt(db))[0].total, 2000);
  assert.deepEqual(await waitingNames(db), []);
  await markRead(db, (await toLookAt(db))[0]);
  assert.equal(await noteDecided(db, [cleared]), 0);
  assert.equal(await countToLookAt(db), 0);
});

test('a sale that was good and is disputed comes up, and its end too', async () => {
  const db = memory({ sent: bySeq(sent(1)) });
  assert.equal(await noteDecided(db, [said(1, 'ACCEPTED')]), 0);
  assert.equal(await noteDecided(db, [said(1, 'DISPUTED', { decision: 'DISPUTE', decided_at_ms: 7 })]), 1);
  assert.deepEqual(await waitingNames(db), ['h1']);
  assert.equal(await noteDecided(db, [said(1, 'ACCEPTED', { decision: 'SHOP_PAYS', decided_at_ms: 9 })]), 1);
  assert.deepEqual(await shown(db), [[1, 'ACCEPTED', 'SHOP_PAYS']]);
});

test("an envelope of a copy of this tablet is not this tablet's", async () => {
  const db = memory({ sent: bySeq(sent(1)) });
  assert.equal(await noteDecided(db, [{ ...said(1, 'SHOP_LIABLE'), envelope: 'another' }, said(8, 'SHOP_LIABLE')]), 0);
  assert.equal(await countToLookAt(db), 0);
});

test('what waited behind a gap and was judged is told without any decision', async () => {
  const gap = { ...held(3), outcome: 'PENDING_GAP' };
  const db = memory({ sent: bySeq(sent(3, 'PENDING_GAP')), outcomes: bySeq(gap) });
  assert.equal(await noteDecided(db, [said(3, 'PENDING_GAP')]), 0);
  assert.equal(await noteDecided(db, [said(3, 'ACCEPTED')]), 1);
  assert.deepEqual(await shown(db), [[3, 'ACCEPTED', null]]);
});

test('an outcome that was lost with its answer is asked for: a good one in silence, a bad one is shown', async () => {
  const db = memory({ sent: bySeq(sent(1, null), sent(2, null), sent(3)) });
  assert.deepEqual(await waitingNames(db), ['h1', 'h2']);
  assert.equal(await noteDecided(db, [said(1, 'ACCEPTED'), said(2, 'SHOP_LIABLE')]), 1);
  assert.deepEqual(await shown(db), [[2, 'SHOP_LIABLE', null]]);
  assert.deepEqual([...db.stores.sent.values()].map(({ outcome }) => outcome), ['ACCEPTED', 'SHOP_LIABLE', 'ACCEPTED']);
  assert.deepEqual(await waitingNames(db), []);
});

test('a new key takes along what the one before still waits for', async () => {
  const old = memory({ sent: bySeq(sent(1), sent(2, 'HELD_FORK')), outcomes: bySeq(held(2), held(5)) });
  const former = await formerWith(old, { device_id: 'D1' });
  assert.deepEqual(former.map(({ device, rows }) => [device.device_id, rows.length]), [['D1', 1]]);
  const db = memory({ meta: new Map([[FORMER, former]]) });
  assert.equal(await countToLookAt(db), 1);
  assert.equal(await noteFormer(db, 'D1', [said(2, 'SHOP_LIABLE', { decision: 'REFUSE' })]), 1);
  assert.equal(await noteFormer(db, 'D1', [said(2, 'SHOP_LIABLE', { decision: 'REFUSE' })]), 0);
  assert.deepEqual(await shown(db), [[2, 'SHOP_LIABLE', 'REFUSE']]);
  await markRead(db, (await toLookAt(db))[0]);
  assert.equal(await countToLookAt(db), 0);
  assert.deepEqual(await formerWith(memory({}), { device_id: 'D2' }), []);
});
