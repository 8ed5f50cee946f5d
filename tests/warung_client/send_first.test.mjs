// Bayar sends what was sold without signal before it asks for anything online, and a family waits for it so long and no longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offlineDoor, SEND_FIRST_MS_MAX } from '../../warung_client/static/offline/door.js';
import { paying } from '../../warung_client/static/paying.js';
import { BEGINNING, createStore } from '../../warung_client/static/state.js';

let keyed = true; // this browser holds a device key
globalThis.window = /** @type {any} */ ({ localStorage: { getItem: () => (keyed ? '1' : null) } });
const FAMILY_WAITS_MS_MAX = 15_000; // more would be a dead key
const QUOTE = { status: 200, body: { quote_id: 'Q1', amount: 1_000, lines: [{ sku: 'TEMPE', verdict: 'OK' }] } };
const LINE = { key: 1, sku: 'TEMPE', name: 'Tempe', unit: 'kg', quantityMilli: 1_000, unitPrice: 1_000 };
const never = () => new Promise(() => {});

const moments = async (count) => { for (let each = 0; each < count; each += 1) await new Promise(setImmediate); };

/** A clock that goes on to the next appointment when nothing else can happen. */
function steppedClock() {
  let appointments = [];
  const clock = {
    atMs: 0,
    pause: (ms) => new Promise((resolve) => { appointments.push({ atMs: clock.atMs + ms, resolve }); }),
    /** @param {Promise<any>} work */
    async until(work) {
      let over = false;
      work.finally(() => { over = true; });
      while (!over) {
        await moments(5);
        const next = appointments.sort((one, other) => one.atMs - other.atMs).shift();
        if (over || !next) continue;
        clock.atMs = next.atMs;
        next.resolve();
      }
      return work;
    },
  };
  return clock;
}

/**
 * A till with so many unsent sales, on a clock that only goes on while somebody waits.
 * @param {{count?: number, away?: boolean, owner?: boolean, loaded?: boolean, sending?: boolean, send?: () => Promise<any>}} is
 */
function tillWith({ send = async () => {}, loaded = true, ...is }) {
  const said = [];
  const clock = steppedClock();
  const offline = { ...BEGINNING.offline, loaded, ...is };
  const store = createStore({ ...BEGINNING, cart: { lines: [LINE], before: null, nextKey: 2 }, offline: loaded ? offline : { ...offline, count: 0 } });
  const mark = (changes) => store.set((state) => ({ offline: { ...state.offline, ...changes } }));
  const parts = {
    send: async () => { said.push('send'); await send(); said.push('sent'); },
    waits: async () => ({ moving: store.get().offline.sending || !store.get().offline.owner }),
    beat: async () => true,
    quote: async () => { said.push('judged here'); return true; },
  };
  const till = {
    store, tab: null, sender: null,
    session: { current: {}, call: async (path) => { said.push(path); return QUOTE; } },
    attempt: (work) => work(), refuse: async () => false,
  };
  const around = {
    openAll: async () => { said.push('files'); mark({ loaded: true, count: is.count }); return parts; },
    pause: clock.pause,
    now: () => clock.atMs,
  };
  return { till: Object.assign(till, { offline: offlineDoor(till, around) }), said, clock, mark };
}

test('nobody waits longer than for a long queue on a thin line', () => assert.ok(SEND_FIRST_MS_MAX <= FAMILY_WAITS_MS_MAX));

test('where nothing waits nothing is fetched and nobody waits', async () => {
  const { till, said, clock } = tillWith({ count: 0 });
  await clock.until(paying(till).pay());
  assert.deepEqual(said, ['/v1/quotes']);
  assert.equal(clock.atMs, 0);
  assert.equal(till.store.get().screen, 'who');
});

test('what waits goes out before the price is asked', async () => {
  const { till, said, clock, mark } = tillWith({ count: 3, send: async () => { await moments(3); mark({ count: 0 }); } });
  await clock.until(paying(till).pay());
  assert.deepEqual(said, ['files', 'send', 'sent', '/v1/quotes']);
});

test('a tablet with a key that was just started looks into its queue first, any other does not', async () => {
  const started = tillWith({ count: 1, loaded: false });
  await started.clock.until(paying(started.till).pay());
  assert.deepEqual(started.said, ['files', 'send', 'sent', '/v1/quotes']);
  keyed = false;
  const other = tillWith({ count: 0, loaded: false });
  await other.clock.until(paying(other.till).pay()).finally(() => { keyed = true; });
  assert.deepEqual(other.said, ['/v1/quotes']);
});

test('a line that takes nothing holds a family up so long, then she buys', async () => {
  const { till, said, clock } = tillWith({ count: 1, send: () => new Promise(() => {}) });
  await clock.until(paying(till).pay());
  assert.deepEqual(said, ['files', 'send', '/v1/quotes']);
  assert.equal(clock.atMs, SEND_FIRST_MS_MAX);
});

for (const [name, is] of Object.entries({ 'this tab': { sending: true }, 'another tab': { owner: false } })) {
  test(`a queue that ${name} is sending already is waited for`, async () => {
    const { till, said, clock, mark } = tillWith({ count: 200, ...is });
    clock.pause(1_500).then(() => {
      assert.ok(!said.includes('/v1/quotes'));
      mark({ sending: false, owner: true, count: 0 });
    });
    await clock.until(paying(till).pay());
    assert.equal(said.at(-1), '/v1/quotes');
    assert.ok(clock.atMs >= 1_500 && clock.atMs < 2_000, String(clock.atMs));
  });

  test(`one that ${name} never ends is left behind after the same time`, async () => {
    const { till, said, clock } = tillWith({ count: 200, ...is });
    await clock.until(paying(till).pay());
    assert.equal(said.at(-1), '/v1/quotes');
    assert.ok(clock.atMs >= SEND_FIRST_MS_MAX && clock.atMs < SEND_FIRST_MS_MAX + 1_000, String(clock.atMs));
  });
}

test('without signal nothing is sent first: the tablet judges by itself', async () => {
  const { till, said, clock } = tillWith({ count: 2, away: true });
  await clock.until(paying(till).pay());
  assert.deepEqual(said, ['files', 'judged here']);
});
