// Going to a screen beside the sale and back; the basket waits as it was.

/** @param {any} till */
export function visiting({ store }) {
  return {
    /** @param {string} screen one that till.js knows */
    visit: (screen) => store.set({ screen, pad: null, told: null, problem: null }),
  };
}
