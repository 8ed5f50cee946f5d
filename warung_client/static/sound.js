// What the till lets one hear: three signals that nobody confuses, and sums said aloud.

import { AMOUNT_MAX, rupiahWords } from './counting.js';
import { look } from './look.js';

const GAP_S = 0.02;
const LOUD = 0.25;
/** Pitch in hertz and length in seconds of each tone: rising, level, falling. */
const TONES = {
  approved: [[660, 0.12], [990, 0.22]],
  recorded: [[660, 0.14], [660, 0.14], [660, 0.14]],
  refused: [[440, 0.18], [294, 0.3]],
};
const SAID = { approved: 'disetujui', recorded: 'dicatat', refused: 'belum-bisa' };

/** @type {AudioContext|null} */
let speaker = null;
/** @type {Map<string, Promise<AudioBuffer>>} */
const clips = new Map();
let round = 0; // whoever speaks later silences whoever spoke before

/** A tablet that has no sound stays silent; nothing else fails by it. */
function open() {
  const { AudioContext } = window;
  if (!AudioContext) return null;
  speaker ??= new AudioContext();
  if (speaker.state === 'suspended') speaker.resume().catch(() => {});
  return speaker;
}

/** @param {AudioContext} out @param {string} name */
function clip(out, name) {
  const known = clips.get(name);
  if (known) return known;
  const coming = fetch(`sounds/${name}.opus`).then((answer) => {
    if (!answer.ok) throw new Error(name);
    return answer.arrayBuffer();
  }).then((bytes) => out.decodeAudioData(bytes));
  clips.set(name, coming);
  coming.catch(() => clips.delete(name)); // asked again when there is signal
  return coming;
}

/** @param {string[]} names */
async function play(names) {
  const out = open();
  if (!out) return;
  round += 1;
  const mine = round;
  const found = await Promise.all(names.map((name) => clip(out, name))).catch(() => []);
  if (mine !== round) return;
  let at = out.currentTime + GAP_S;
  for (const buffer of found) {
    const source = out.createBufferSource();
    source.buffer = buffer;
    source.connect(out.destination);
    source.start(at);
    at += buffer.duration + GAP_S;
  }
}

/** @param {number} amount */
const sayable = (amount) => Number.isInteger(amount) && amount >= 0 && amount <= AMOUNT_MAX;

/** The sum of a purchase, said because somebody tapped or chose to hear sums. @param {number} amount rupiah */
export async function say(amount) {
  if (sayable(amount)) await play(['jumlah-belanja', ...rupiahWords(amount)]);
}

/** A clip of its own, as the correction before the camera; nothing where sound is off. @param {string} name */
export async function tell(name) {
  if (look().sound !== 'off') await play([name]);
}

/** Her balance: only ever on her own tap. @param {number} amount rupiah */
export async function sayBalance(amount) {
  if (sayable(amount)) await play(['sisa-saldo', ...rupiahWords(amount)]);
}

/** @type {Promise<Record<string, {sound: 'recorded'|'refused'}>>|null} */
let reasons = null;

/** A refusal's own sound, by its reason: what only asks for one step more does not sound like a no. @param {string} reason */
export async function signalReason(reason) {
  reasons ??= fetch('words/id.json').then((answer) => answer.json()).then((words) => words.reasons).catch(() => ({}));
  await signal((await reasons)[reason]?.sound ?? 'refused');
}

/** Does this till say sums by itself. */
export const speaks = () => look().sound === 'words';

/**
 * The outcome as a sound, and as a vibration for who cannot hear it in the noise.
 * @param {'approved'|'recorded'|'refused'} kind @param {number} [amount] said after an approval, where words were chosen
 */
export async function signal(kind, amount) {
  navigator.vibrate?.(kind === 'approved' ? 80 : [80, 80, 80]);
  const { sound } = look();
  const out = sound === 'off' ? null : open();
  if (!out) return;
  let at = out.currentTime + GAP_S;
  for (const [pitch, length] of TONES[kind]) {
    const tone = out.createOscillator();
    const level = out.createGain();
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(LOUD, at);
    level.gain.linearRampToValueAtTime(0, at + length);
    tone.connect(level).connect(out.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length + GAP_S;
  }
  if (sound !== 'words') return;
  const mine = round;
  await new Promise((resolve) => { setTimeout(resolve, (at - out.currentTime) * 1000); });
  if (mine !== round) return;
  await play([SAID[kind], ...(amount !== undefined && sayable(amount) ? rupiahWords(amount) : [])]);
}
