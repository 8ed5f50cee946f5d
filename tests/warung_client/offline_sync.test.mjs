// The queue on its way: nothing lost, nothing erased unsigned, whatever the line and the engine do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unreachable } from '../../warung_client/static/api.js';
import { batchText, BATCH_BYTES_MAX, ENVELOPES_MAX, fitting, openSync } from '../../warung_client/static/offline/sync.js';

const DEVICE = 'D1';
const row = (seq) => ({ seq, purchase_id: `p${seq}`, total: 1000, alw: 'a', at_ms: seq, text: `{"body":{"seq":${seq}},"sig":"s"}`, hash: `h${seq}` });
const answer = (body, status = 200) => ({ status, body, retryAfter: null });

/** A tablet's queue and an engine that takes each number once, in order. */
function pair(count) {
  const queue = Array.from({ length: count }, (_, place) => row(place + 1));
  const sent = [];
  const engine = { seq: 0, taken: [], asked: [] };
  const tablet = {
    unsent: async (most) => queue.slice(0, most),
    acknowledge: async ({ seq, head }) => {
      const moved = queue.filter((each) => each.seq <= seq);
      const split = head === 'another';
      if (!split) { queue.splice(0, moved.length); sent.push(...moved); }
      return { moved: split ? 0 : moved.length, split };
    },
    bringBack: async (after) => {
      const lost = sent.filter(({ seq }) => seq > after);
      queue.unshift(...lost);
      sent.splice(sent.length - lost.length);
      return lost.length;
    },
  };
  const take = async (text) => {
    const { device, envelopes } = JSON.parse(text);
    assert.equal(device, DEVICE);
    engine.asked.push(envelopes.length);
    const first = envelopes[0].body.seq;
    const checkpoint = () => ({ v: 1, device: DEVICE, seq: engine.seq, head: `h${engine.seq}`, at_ms: 1, kid: 'k' });
    if (first > engine.seq + 1) return answer({ checkpoint: checkpoint(), sig: 'ok', outcomes: [], code: 'CHECKPOINT_BEHIND' });
    envelopes.forEach(({ body: { seq } }) => { if (seq === engine.seq + 1) { engine.seq = seq; engine.taken.push(seq); } });
    return answer({ checkpoint: checkpoint(), sig: 'ok', outcomes: envelopes.map(({ body: { seq } }) => ({ seq, outcome: 'ACCEPTED' })) });
  };
  return { queue, sent, engine, tablet, take };
}
const open = (tablet, ask) => openSync({ device: DEVICE, queue: tablet, ask, trusted: async (_point, sig) => sig === 'ok' });
const everyOne = (count) => Array.from({ length: count }, (_, place) => place + 1);

test('500 sales with every second answer dropped arrive once each, in order', async () => {
  const { queue, engine, tablet, take } = pair(500);
  let turn = 0;
  const sync = open(tablet, async (text) => {
    const said = await take(text);
    turn += 1;
    if (turn % 2) throw new Unreachable('dropped');
    return said;
  });
  let ends = 0;
  while (queue.length && ends < 100) { await sync.run(); ends += 1; }
  assert.equal(queue.length, 0);
  assert.deepEqual(engine.taken, everyOne(500));
});

test('batches grow while answers come and shrink when they do not', async () => {
  const { engine, tablet, take } = pair(2000);
  assert.equal(await open(tablet, take).run(), 'SENT');
  assert.deepEqual(engine.asked.slice(0, 4), [100, 200, 400, 500]);
  assert.ok(Math.max(...engine.asked) <= ENVELOPES_MAX);
  assert.deepEqual(engine.taken, everyOne(2000));
  const away = pair(300);
  const asked = [];
  const sync = open(away.tablet, async (text) => { asked.push(JSON.parse(text).envelopes.length); throw new Unreachable('x'); });
  for (let tries = 0; tries < 5; tries += 1) assert.equal(await sync.run(), 'AWAY');
  assert.deepEqual(asked, [100, 50, 25, 12, 10]);
  assert.equal(away.queue.length, 300);
});

test('an engine put back to an older copy is told again from there', async () => {
  const { queue, engine, tablet, take } = pair(40);
  await open(tablet, take).run();
  engine.seq = 25;
  engine.taken.length = 25;
  queue.push(row(41));
  assert.equal(await open(tablet, take).run(), 'SENT');
  assert.deepEqual(engine.taken, everyOne(41));
});

test('an engine that asks again for what is gone is not asked for ever', async () => {
  const { tablet, queue } = pair(3);
  const behind = answer({ checkpoint: { device: DEVICE, seq: 0, head: 'A' }, sig: 'ok', outcomes: [], code: 'CHECKPOINT_BEHIND' });
  assert.equal(await open(tablet, async () => behind).run(), 'STUCK');
  assert.equal(queue.length, 3);
});

test('an unsigned checkpoint, another device and another chain erase nothing', async () => {
  const point = { device: DEVICE, seq: 3, head: 'h3' };
  for (const [body, ended] of [
    [{ checkpoint: point, sig: 'forged' }, 'UNTRUSTED'], [{ checkpoint: { ...point, device: 'D2' }, sig: 'ok' }, 'UNTRUSTED'],
    [{ checkpoint: { ...point, head: 'another' }, sig: 'ok' }, 'SPLIT'], [{}, 'STUCK'],
  ]) {
    const { tablet, queue } = pair(3);
    assert.equal(await open(tablet, async () => answer(body)).run(), ended);
    assert.equal(queue.length, 3);
  }
});

test('a copy whose chain is another goes on as long as the engine keeps what it brings', async () => {
  const { queue, tablet } = pair(250);
  tablet.acknowledge = async (_point, outcomes) => ({ moved: queue.splice(0, outcomes.length).length, split: true });
  const held = async (text) => answer({
    checkpoint: { device: DEVICE, seq: 9, head: 'another' }, sig: 'ok', outcomes: JSON.parse(text).envelopes.map(({ body: { seq } }) => ({ seq, outcome: 'HELD_FORK' })),
  });
  assert.equal(await open(tablet, held).run(), 'SPLIT');
  assert.equal(queue.length, 0);
});

test('a revoked tablet still brings what it sold', async () => {
  const { tablet, take, queue, engine } = pair(150);
  const revoked = async (text) => ({ ...(await take(text)), status: 403 });
  assert.equal(await open(tablet, async (text) => { const said = await revoked(text); said.body.code = 'DEVICE_REVOKED'; return said; }).run(), 'REVOKED');
  assert.equal(queue.length, 0);
  assert.deepEqual(engine.taken, everyOne(150));
  const bare = pair(2);
  assert.equal(await open(bare.tablet, async () => answer({ code: 'DEVICE_REVOKED' }, 403)).run(), 'REVOKED');
  assert.equal(bare.queue.length, 2);
});

test('a key the engine does not know, and a busy engine, keep the queue', async () => {
  for (const [status, ended] of [[401, 'UNKNOWN'], [503, 'AWAY'], [429, 'AWAY']]) {
    const { tablet, queue } = pair(5);
    assert.equal(await open(tablet, async () => answer({}, status)).run(), ended);
    assert.equal(queue.length, 5);
  }
});

test('a batch that is too large for the line is halved at once', async () => {
  const { tablet, take, engine } = pair(120);
  const sync = open(tablet, async (text) => (JSON.parse(text).envelopes.length > 30 ? answer({}, 413) : take(text)));
  let ended = '';
  for (let tries = 0; tries < 5 && ended !== 'SENT'; tries += 1) ended = await sync.run();
  assert.equal(ended, 'SENT');
  assert.deepEqual(engine.taken, everyOne(120));
});

test('two runs at once are one, and a fault is told', async () => {
  const { tablet, take, engine } = pair(10);
  const sync = open(tablet, take);
  assert.equal(sync.run(), sync.run());
  await sync.run();
  assert.deepEqual(engine.taken, everyOne(10));
  await assert.rejects(open(pair(1).tablet, async () => { throw new TypeError('fault'); }).run(), TypeError);
});

test('a body never outgrows what the engine reads', () => {
  const wide = everyOne(500).map((seq) => ({ ...row(seq), text: 'x'.repeat(4096) }));
  const fits = fitting(wide);
  assert.ok(fits.length > 100 && batchText(DEVICE, fits).length < BATCH_BYTES_MAX);
  assert.equal(fitting(everyOne(500).map(row)).length, 500);
});
