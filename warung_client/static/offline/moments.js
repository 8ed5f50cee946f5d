// What time it is while the tablet's own clock may be wrong: counted from the newest time the engine signed.

const SLEEP_MS = 120_000; // a tablet asleep stops the steady clock, not the wall

/** @typedef {{at_ms: number, wall_ms: number}} Anchor the engine's time, and the tablet's wall clock when it came */

/**
 * @param {{wall?: () => number, steady?: () => number}} [around]
 */
export function openMoments({ wall = Date.now, steady = () => performance.now() } = {}) {
  /** @type {Anchor|null} */
  let anchor = null;
  /** @type {number|null} null after a restart: the steady clock began anew */
  let steadyAt = null;

  const wallPassed = () => (anchor ? Math.max(0, wall() - anchor.wall_ms) : 0);

  /** Milliseconds by the steady clock; null after a restart, or when the tablet slept meanwhile. */
  function steadyPassed() {
    if (!anchor || steadyAt === null) return null;
    const passed = steady() - steadyAt;
    return wallPassed() - passed > SLEEP_MS ? null : passed;
  }

  return {
    get anchor() { return anchor; },
    /** As it was kept before a restart. @param {Anchor|undefined|null} kept */
    restore(kept) { if (kept) { anchor = kept; steadyAt = null; } },
    /** A time that the engine has just signed; an older one changes nothing. @param {number} atMs @returns {Anchor} what to keep */
    learn(atMs) {
      if (!anchor || atMs >= anchor.at_ms) {
        anchor = { at_ms: atMs, wall_ms: wall() };
        steadyAt = steady();
      }
      return anchor;
    },
    /** The best guess; right also when the wall clock is days off, as long as nobody sets it meanwhile. */
    now: () => (anchor ? anchor.at_ms + Math.max(steadyPassed() ?? 0, wallPassed()) : wall()),
    /** What an envelope says about its time. */
    stamp: () => ({ wallMs: wall(), monoMs: steadyPassed(), anchorMs: anchor?.at_ms ?? 0 }),
  };
}
