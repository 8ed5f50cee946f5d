// Which of the four ways are offered: those that the keepers of the programmes' money take.

/** What the engine calls the way; a bank's own card needs a terminal of that bank. @type {Record<string, string>} */
const METHOD = { KKS: 'OWN_CARD', PHONE: 'PHONE', FACE: 'FACE', KTP: 'KTP' };

/**
 * @param {string[]} ways in their order @param {string[]|null|undefined} methods as the engine told; nobody told: all of them
 * @returns {string[]} never none
 */
export function waysTaken(ways, methods) {
  const taken = methods?.length ? ways.filter((way) => methods.includes(METHOD[way])) : ways;
  return taken.length ? taken : ways;
}
