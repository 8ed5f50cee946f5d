// LATIHAN: what it is, and one key to go there or back.

import { Heading, Key, Sign } from '../parts.js';
import { goToTraining, leaveTraining, TRAINING } from '../training/here.js';
import { html } from '../view.js';
import { BEGIN, LEAVE, START_HINT, TRAINING_TITLE } from '../words/training.js';

/** @param {any} props */
export function Screen({ act }) {
  return html`<div class="start narrow"><${Heading} title=${TRAINING_TITLE} onBack=${() => act.visit('menu')} />
    <p class="lead">${START_HINT}</p>
    ${TRAINING
    ? html`<${Key} test="training-leave" look="primary" once onTap=${leaveTraining}><${Sign} name="leave" /><span>${LEAVE}</span></${Key}>`
    : html`<${Key} test="training-begin" look="primary" once onTap=${goToTraining}><${Sign} name="pen" /><span>${BEGIN}</span></${Key}>`}</div>`;
}
