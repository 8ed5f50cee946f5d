// One tab of this tablet owns the queue: two would write one chain.

const LOCK = 'ewarong.queue';

/**
 * Waits for the ownership as long as another tab has it; it is held until this tab goes.
 * @param {(owner: boolean) => void} tell
 */
export function holdQueue(tell) {
  if (!navigator.locks) {
    tell(true); // no browser without locks has the rest of what selling without signal needs
    return;
  }
  const hold = () => {
    tell(true);
    return new Promise(() => {});
  };
  navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
    if (lock) return hold();
    tell(false);
    navigator.locks.request(LOCK, hold);
    return undefined;
  });
}
