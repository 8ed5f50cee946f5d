// What a sale lets one hear: the player comes with the first screen that asks for it.

/** A till that cannot sound sells on. @param {(player: typeof import('./sound.js')) => unknown} work */
export const heard = (work) => void import('./sound.js').then(work).catch((failure) => console.error(failure));
