// Is this page the training ground: the address alone says so, and its data have names of their own.

const MARK = '#latihan';

/** True on the training ground. It is decided once, when the page is loaded. */
export const TRAINING = globalThis.location?.hash === MARK;
/** What stands before the name of everything that is kept, so that the real till never reads it. */
export const PREFIX = TRAINING ? 'latihan.' : '';

/**
 * The same storage under names of its own.
 * @param {Storage} storage @param {string} [prefix] @returns {any}
 */
export function apart(storage, prefix = PREFIX) {
  if (!prefix) return storage;
  return {
    /** @param {string} name */
    getItem: (name) => storage.getItem(prefix + name),
    /** @param {string} name @param {string} value */
    setItem: (name, value) => storage.setItem(prefix + name, value),
    /** @param {string} name */
    removeItem: (name) => storage.removeItem(prefix + name),
  };
}

/** Goes to the training ground; the basket of the real till waits where it is. */
export function goToTraining() {
  globalThis.location.hash = MARK;
  globalThis.location.reload();
}

/** Back to the real till. */
export function leaveTraining() {
  globalThis.history.replaceState(null, '', globalThis.location.pathname);
  globalThis.location.reload();
}
