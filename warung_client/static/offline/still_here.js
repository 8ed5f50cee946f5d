// On the first screen of a stopped tablet: why nobody comes in, what it still holds, and the ways that hold goes out.

import { Key, Sign } from '../parts.js';
import { html } from '../view.js';
import { PENDING, STOPPED } from '../words/offline.js';
import { ALL_SENT, toSeeWord, waitingWord } from '../words/signal.js';

/** @param {any} props */
export function StillHere({ state: { offline }, act }) {
  const { device, count, sum, toSee } = offline;
  return html`<section class="still-here" data-test="still-here" data-state=${device}>
    <p class="notice watch" role="status" data-test="stopped"><${Sign} name="warn" /><span>${STOPPED[device]}</span></p>
    <p data-test="still-waiting"><${Sign} name=${count ? 'clock' : 'check'} /> ${count ? waitingWord(count, sum) : ALL_SENT}</p>
    ${toSee > 0 && html`<p data-test="still-to-see"><${Sign} name="clock" /> ${toSeeWord(toSee)}</p>`}
    <ol data-test="stopped-steps">${STOPPED.outside.map((/** @type {string} */ step) => html`<li key=${step}>${step}</li>`)}</ol>
    ${count > 0 && html`<${Key} test="export" look="quiet wide" once onTap=${act.carryAway}><${Sign} name="list" /><span>${PENDING.exported}</span></${Key}>`}
  </section>`;
}
