// A sentence is offered to be read only where a voice can read it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickVoice } from '../../warung_client/static/speech.js';

const voice = (lang, localService) => ({ lang, localService });

test('a voice of the tablet comes before one of the network, and without signal alone', () => {
  const voices = [voice('en-US', true), voice('id-ID', false), voice('id_ID', true)];
  assert.equal(pickVoice(voices, 'id', false), voices[2]);
  assert.equal(pickVoice(voices.slice(0, 2), 'id', false), voices[1]);
  assert.equal(pickVoice(voices.slice(0, 2), 'id', true), null);
  assert.equal(pickVoice(voices, 'jv', false), null);
  assert.equal(pickVoice([], 'id', false), null);
});
