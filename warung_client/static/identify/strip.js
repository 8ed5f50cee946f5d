// The strip of families that were recognised and still pack: initials and minutes, no name, no balance.

import { rupiah } from '../money.js';
import { Key, Sign } from '../parts.js';
import { html, useEffect, useState } from '../view.js';
import { QUEUE_TITLE } from '../words/identify.js';
import { minutesLeft } from './waiting.js';

const LOOK_MS = 5_000;
const STANDS_ON = new Set(['cart', 'who', 'agree']);

/** @param {{state: any, act: any}} props */
export function QueueStrip({ state, act }) {
  const queue = state.queue ?? [];
  const shown = queue.length > 0 && STANDS_ON.has(state.screen) && !state.pad && !state.told;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!shown) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), LOOK_MS);
    return () => clearInterval(timer);
  }, [shown, queue.length]);
  if (!shown) return null;
  return html`<div class="face-queue" role="group" aria-label=${QUEUE_TITLE} data-test="face-queue">${queue.map((/** @type {any} */ one) => {
    const minutes = minutesLeft(one, now + (state.skewMs ?? 0));
    return html`<${Key} key=${one.key} test=${`queued-${one.key}`} look=${minutes ? 'queued' : 'queued over'} disabled=${state.busy} onTap=${() => act.recallSale(one.key)}>
      <${Sign} name="person" /><strong>${one.initials}</strong><span>${rupiah(one.sale.amount)}</span><span>${minutes ? `${minutes} menit` : 'Kenali lagi'}</span></${Key}>`;
  })}</div>`;
}
