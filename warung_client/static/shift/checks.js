// The self-test at the beginning of a day: camera, printer, storage, clock, key; none of them stops a sale.

import { printerChoice } from '../receipts/choice.js';
import { CHECKS } from '../words/shift.js';

const CLOCK_MS_MAX = 120_000;
const FREE_BYTES_MIN = 50 * 1024 * 1024;

/** @typedef {{name: string, state: 'GOOD'|'WATCH', word: string}} Check */

/** @param {keyof typeof CHECKS} name @param {boolean} good @param {string} word @returns {Check} */
const told = (name, good, word) => ({ name: CHECKS[name].name, state: good ? 'GOOD' : 'WATCH', word });

async function camera() {
  try {
    const seen = await navigator.mediaDevices.enumerateDevices();
    const state = await navigator.permissions?.query({ name: /** @type {any} */ ('camera') }).then((found) => found.state).catch(() => 'prompt');
    const good = seen.some(({ kind }) => kind === 'videoinput') && state !== 'denied';
    return told('camera', good, good ? CHECKS.camera.good : CHECKS.camera.bad);
  } catch {
    return told('camera', false, CHECKS.camera.bad);
  }
}

async function printer() {
  const { kind } = printerChoice();
  if (kind === 'PAGE') return told('printer', true, CHECKS.printer.page);
  const { serial, bluetooth } = /** @type {any} */ (navigator);
  const ports = kind === 'SERIAL' ? await serial?.getPorts?.().catch(() => []) : await bluetooth?.getDevices?.().catch(() => []);
  const good = Boolean(ports?.length);
  return told('printer', good, good ? CHECKS.printer.good : CHECKS.printer.bad);
}

async function storage() {
  const room = await navigator.storage?.estimate?.().catch(() => null);
  const free = room?.quota === undefined ? null : room.quota - (room.usage ?? 0);
  if (free !== null && free < FREE_BYTES_MIN) return told('storage', false, CHECKS.storage.bad);
  const safe = await navigator.storage?.persist?.().catch(() => false);
  return safe ? told('storage', true, CHECKS.storage.good) : told('storage', true, CHECKS.storage.loose);
}

/** The engine's `Date` beside ours; a slow answer counts for half its time. Without signal: the time it signed last. @param {any} state */
async function clock({ offline }) {
  try {
    const asked = Date.now();
    const response = await fetch('/health', { cache: 'no-store', signal: AbortSignal.timeout(5_000) });
    const theirs = Date.parse(response.headers.get('Date') ?? '');
    if (Number.isNaN(theirs)) return told('clock', true, CHECKS.clock.unknown);
    const good = Math.abs(theirs - (asked + Date.now()) / 2) < CLOCK_MS_MAX;
    return told('clock', good, good ? CHECKS.clock.good : CHECKS.clock.bad);
  } catch {
    const off = Math.abs(offline?.clockOffMs ?? 0) >= CLOCK_MS_MAX;
    return told('clock', false, off ? CHECKS.clock.off : CHECKS.clock.unknown);
  }
}

/** @param {any} state */
async function key({ offline }) {
  const good = offline?.device === 'APPROVED';
  return told('key', good, good ? CHECKS.key.good : CHECKS.key.bad);
}

/** All at once. @param {any} state @returns {Promise<Check[]>} */
export const selfTest = (state) => Promise.all([camera(), printer(), storage(), clock(state), key(state)]);
