// The tablet's clock is set while the till is open: the engine's time holds from the next answer on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSession } from '../../warung_client/static/session.js';

const NOON = Date.UTC(2026, 10, 21, 5);
const DAY = 86_400_000;

function shelf() {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
}

test('each answer tells the time, and a second more or less is nothing', async () => {
  let [wall, engine] = [NOON, NOON];
  const send = async (path) => Response.json(
    path === '/v1/sessions' ? { access_token: 'a', refresh_token: 'r', expires_in: 600_000, server_time: new Date(engine).toISOString() } : {},
    { headers: { Date: new Date(engine).toUTCString() } },
  );
  const session = openSession({ send, devices: shelf(), tab: shelf(), now: () => wall });
  await session.enter({ device_id: 'd', device_secret: 's', staff_id: 'p' }, '123456');
  assert.equal(session.serverNow(), NOON);
  for (const wrong of [2 * DAY, -2 * DAY, 0]) {
    engine += 10_000;
    wall = engine + wrong;
    await session.call('/v1/quotes');
    assert.equal(session.serverNow(), engine);
  }
  wall += 1_400;
  await session.call('/v1/quotes');
  assert.equal(session.serverNow(), engine + 1_400, 'the line is slow, no clock was set');
});
