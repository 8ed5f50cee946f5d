// The strip over every screen of the training ground: LATIHAN, the way out, and what to do next.

import { Key, Sign } from '../parts.js';
import { html } from '../view.js';
import { BANNER, LEAVE, SAMPLE_CARD } from '../words/training.js';
import { coach, offersCard } from './coach.js';
import { leaveTraining } from './here.js';
import { FAMILIES } from './sample.js';

/** @param {any} props */
export function Practice({ state, act }) {
  const word = coach(state);
  return html`<section class="practice-strip" aria-label="Latihan" data-test="practice"><div class="practice-top"><strong>${BANNER}</strong>
      <${Key} test="practice-leave" look="small" onTap=${leaveTraining}><${Sign} name="leave" /><span>${LEAVE}</span></${Key}></div>
    ${word && html`<p role="status" data-test="coach"><${Sign} name="to-right" /><span>${word}</span></p>`}
    ${offersCard(state) && html`<${Key} test="sample-card" look="fix" onTap=${() => act.useCard(FAMILIES[0].card)}>${SAMPLE_CARD}</${Key}>`}</section>`;
}
