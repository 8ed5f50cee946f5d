// How long a tablet may go on alone, what time it is meanwhile, and what an allowance still holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyRemote, hindrance, keep, ofCard, serves, spend } from '../../warung_client/static/offline/allowance.js';
import { standing } from '../../warung_client/static/offline/limits.js';
import { openHeartbeat } from '../../warung_client/static/offline/heartbeat.js';
import { openMoments } from '../../warung_client/static/offline/moments.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CALM = { unsent: 0, silentMs: HOUR, catalogueAgeMs: HOUR, nextSeq: 7, remote: false };
const kind = (changes) => standing({ ...CALM, ...changes }).kind;

test('below the lower bounds it sells, above it tries the engine first, above the upper it is locked', () => {
  assert.equal(kind({}), 'FREE');
  assert.equal(kind({ unsent: 49 }), 'FREE');
  assert.equal(kind({ unsent: 50 }), 'TRY_FIRST');
  assert.equal(kind({ silentMs: 48 * HOUR }), 'FREE');
  assert.equal(kind({ silentMs: 48 * HOUR + 1 }), 'TRY_FIRST');
  assert.equal(kind({ unsent: 199 }), 'TRY_FIRST');
  assert.deepEqual(standing({ ...CALM, unsent: 200 }), { kind: 'LOCKED', reason: 'OFFLINE_LIMIT', why: 'COUNT' });
  assert.deepEqual(standing({ ...CALM, silentMs: 7 * DAY + 1 }), { kind: 'LOCKED', reason: 'OFFLINE_LIMIT', why: 'AGE' });
  assert.deepEqual(standing({ ...CALM, catalogueAgeMs: 7 * DAY + 1 }), { kind: 'LOCKED', reason: 'OFFLINE_STALE', why: 'CATALOGUE' });
});

test('one sale in twenty tries the engine first', () => {
  const tried = Array.from({ length: 100 }, (_, place) => kind({ nextSeq: place + 1 })).filter((each) => each === 'TRY_FIRST');
  assert.equal(tried.length, 5);
});

test('beyond the signal neither age nor number locks while an allowance lives', () => {
  const island = { unsent: 1500, silentMs: 21 * DAY, catalogueAgeMs: 21 * DAY };
  assert.equal(kind({ ...island, remote: true }), 'TRY_FIRST');
  assert.equal(kind(island), 'LOCKED');
});

/** A tablet whose clocks the test turns. */
function clocks(wall) {
  const state = { wall, steady: 0 };
  return {
    state, moments: () => openMoments({ wall: () => state.wall, steady: () => state.steady }),
    pass: (ms, steady = ms) => { state.wall += ms; state.steady += steady; },
  };
}
const NOON = Date.UTC(2026, 10, 21, 5);

test('a clock two days wrong still tells the right time, also after a restart', () => {
  for (const wrong of [-2 * DAY, 2 * DAY]) {
    const tablet = clocks(NOON + wrong);
    const before = tablet.moments();
    const kept = before.learn(NOON);
    tablet.pass(3 * HOUR);
    assert.equal(before.now(), NOON + 3 * HOUR);
    assert.deepEqual(before.stamp(), { wallMs: NOON + wrong + 3 * HOUR, monoMs: 3 * HOUR, anchorMs: NOON });
    const after = tablet.moments();
    after.restore(kept);
    assert.equal(after.now(), NOON + 3 * HOUR);
    assert.equal(after.stamp().monoMs, null);
  }
});

test('a clock that is set back never makes time run back before the anchor', () => {
  const tablet = clocks(NOON);
  const moments = tablet.moments();
  moments.learn(NOON);
  tablet.pass(-5 * DAY, HOUR);
  assert.equal(moments.now(), NOON + HOUR);
  assert.equal(moments.stamp().monoMs, HOUR);
});

test('a tablet that slept does not claim that no time passed', () => {
  const tablet = clocks(NOON);
  const moments = tablet.moments();
  moments.learn(NOON);
  tablet.pass(10 * HOUR, 60_000);
  assert.equal(moments.now(), NOON + 10 * HOUR);
  assert.equal(moments.stamp().monoMs, null);
});

test('an older signed time changes nothing', () => {
  const moments = clocks(NOON).moments();
  moments.learn(NOON);
  assert.equal(moments.learn(NOON - DAY).at_ms, NOON);
  assert.equal(openMoments({ wall: () => 7 }).now(), 7);
  assert.equal(openMoments({ wall: () => 7 }).stamp().anchorMs, 0);
});

const signed = (changes = {}, limits = {}) => ({
  sig: 's',
  allowance: {
    alw: 'a1', card_ref: 'r1', amount_max: 100_000, not_before: '2026-11-20T00:00:00.000+00:00', not_after: '2026-11-27T00:00:00.000+00:00',
    limits: { tx_max: 100_000, tx_count: 2, daily: [], remote: false, ...limits }, ...changes,
  },
});

test('an allowance serves from its first moment to its last, while money, sales and tries are left', () => {
  const kept = keep(signed());
  assert.equal(hindrance(kept, NOON), null);
  assert.equal(hindrance(kept, NOON - 3 * DAY), 'EARLY');
  assert.equal(hindrance(kept, NOON + 7 * DAY), 'OVER');
  assert.equal(hindrance({ ...kept, tries: 3 }, NOON), 'TRIES');
  const once = spend(kept, { total: 40_000, day: '2026-11-21', taken: { MINYAKITA: 1000 } });
  assert.deepEqual([once.left, once.count, once.days], [60_000, 1, { '2026-11-21': { MINYAKITA: 1000 } }]);
  const twice = spend({ ...once, tries: 2 }, { total: 10_000, day: '2026-11-21', taken: { MINYAKITA: 500 } });
  assert.deepEqual([twice.days['2026-11-21'].MINYAKITA, twice.tries], [1500, 0]);
  assert.equal(hindrance(twice, NOON), 'COUNT');
  const dry = spend(kept, { total: 100_000, day: '2026-11-22', taken: {} });
  assert.equal(hindrance(dry, NOON), 'EMPTY');
  assert.equal(serves([kept, once, twice, dry], NOON), 2);
});

test('the allowance of a card is the one that lives longest', () => {
  const old = keep(signed({ alw: 'old', not_after: '2026-11-22T00:00:00.000+00:00' }));
  const all = [old, keep(signed()), keep(signed({ alw: 'other', card_ref: 'r2' }))];
  assert.equal(ofCard(all, 'r1').alw, 'a1');
  assert.equal(ofCard(all, 'unknown'), null);
  assert.equal(anyRemote(all, NOON), false);
  assert.equal(anyRemote([keep(signed({}, { remote: true }))], NOON), true);
  assert.equal(anyRemote([keep(signed({}, { remote: true }))], NOON + 8 * DAY), false);
});

test('one lost heartbeat is asked again before the engine counts as away', async () => {
  const answers = [false, true, false, false];
  const told = [];
  const heart = openHeartbeat({ ask: async () => answers.shift(), tell: (away) => told.push(away), later: () => 0 });
  assert.equal(await heart.now(), true);
  assert.equal(await heart.now(), false);
  assert.deepEqual(told, [false, true]);
});
