// Keeps this till on the tablet, and lets a newer version in only while no family waits.

const QUIET_MS = 3_000; // nobody touched the screen for so long
const LOOK_MS = 1_000;
const ASK_EVERY_MS = 60 * 60_000;
const STOCK_AFTER_MS = 15_000;

/** The version of the files that run here, as the server named it. */
export const version = () => document.documentElement.dataset.version ?? 'sumber';

/**
 * May the page be exchanged now: an empty basket, nothing asked, nothing unanswered.
 * @param {{screen: string, cart: {lines: unknown[]}, aside?: {lines: unknown[]}, queue?: unknown[], busy: boolean, pad: unknown, told: unknown, sale: unknown, outcome: {kind: string}|null}} state
 */
export function mayChange({ screen, cart, aside, queue, busy, pad, told, sale, outcome }) {
  return ['start', 'cart'].includes(screen) && !cart.lines.length && !aside?.lines.length && !queue?.length
    && !busy && !pad && !told && !sale && outcome?.kind !== 'WAITING';
}

/**
 * Without a secure address there is no worker: the till sells, but cannot start without signal.
 * @param {any} till
 */
export async function keepShell({ store }) {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  let touched = Date.now();
  for (const kind of ['pointerdown', 'keydown']) {
    window.addEventListener(kind, () => { touched = Date.now(); }, { capture: true, passive: true });
  }
  const quiet = () => Date.now() - touched > QUIET_MS && mayChange(store.get());
  const known = Boolean(workers.controller); // a first visit has nothing to exchange
  /** @type {ServiceWorkerRegistration} */
  let registration;
  try {
    registration = await workers.register('sw.js', { scope: './', updateViaCache: 'none' });
  } catch (failure) {
    console.error(failure);
    return;
  }
  if (!registration) return; // a browser that pretends
  let changed = false;
  workers.addEventListener('controllerchange', () => { changed = known; });
  setInterval(() => {
    const { waiting } = registration;
    const ready = Boolean(waiting && workers.controller) || changed;
    if (ready !== store.get().newShell) store.set({ newShell: ready });
    if (!ready || !quiet()) return;
    if (changed) window.location.reload();
    else waiting?.postMessage('TAKE_OVER');
  }, LOOK_MS);
  const ask = () => registration.update().catch(() => {}); // no signal: asked again later
  setInterval(ask, ASK_EVERY_MS);
  window.addEventListener('online', ask);
  setTimeout(() => workers.ready.then(({ active }) => active?.postMessage('STOCK')), STOCK_AFTER_MS);
}
