// Which printer this device prints on, and how wide its paper is: kept on the device.

import { apart } from '../training/here.js';
import { NARROW, WIDE } from './mark.js';

const KEY = 'ewarong.printer';
/** The system's own printing, a cable, or Bluetooth. */
export const KINDS = ['PAGE', 'SERIAL', 'BLUETOOTH'];
const FIRST = { kind: 'PAGE', columns: NARROW };

/** @param {any} [storage] @returns {{kind: string, columns: number}} */
export function printerChoice(storage = apart(globalThis.localStorage)) {
  try {
    const { kind, columns } = JSON.parse(storage.getItem(KEY) ?? 'null') ?? FIRST;
    return { kind: KINDS.includes(kind) ? kind : FIRST.kind, columns: columns === WIDE ? WIDE : NARROW };
  } catch {
    return { ...FIRST }; // what is kept there is not ours
  }
}

/** @param {{kind: string, columns: number}} choice @param {any} [storage] */
export function keepPrinter(choice, storage = apart(globalThis.localStorage)) {
  storage.setItem(KEY, JSON.stringify(choice));
}

/** What this browser can do besides printing a page. */
export function kindsHere() {
  const here = /** @type {any} */ (globalThis.navigator ?? {});
  return KINDS.filter((kind) => kind === 'PAGE' || (kind === 'SERIAL' ? here.serial : here.bluetooth));
}
