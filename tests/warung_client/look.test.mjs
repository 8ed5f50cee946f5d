// What a tablet keeps of its look: whatever stands there, the till opens with something usable.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHOICES, read } from '../../warung_client/static/look.js';

const USUAL = { theme: 'biasa', text: '100', hand: 'right', sound: 'tones', language: 'id' };

test('nothing kept is the usual', () => assert.deepEqual(read(null), USUAL));

test('damaged or foreign text is the usual', () => {
  for (const text of ['{', '[]', 'null', '7', '{"theme":"neon","text":200}']) assert.deepEqual(read(text), USUAL);
});

test('each choice is kept, the rest stays', () => {
  for (const [name, choices] of Object.entries(CHOICES)) {
    for (const choice of choices) assert.deepEqual(read(JSON.stringify({ [name]: choice })), { ...USUAL, [name]: choice });
  }
});
