// What the menu offers beside a sale: the screen, its sign and word, and who may open it.

/** @typedef {{screen: string, sign: string, word: string, roles?: string[]}} Entry */

/** @type {Entry[]} in the order they stand */
export const ENTRIES = [
];

/** @param {string|undefined} role @returns {Entry[]} */
export const entriesFor = (role) => ENTRIES.filter(({ roles }) => !roles || roles.includes(role ?? ''));
