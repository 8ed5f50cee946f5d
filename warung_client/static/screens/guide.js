// BANTUAN: eight cards in pictures, one sentence each, read aloud on a tap; no page to read.

import { Heading, Key, Sign } from '../parts.js';
import { html, useState } from '../view.js';
import { GUIDE } from '../words/shift.js';
import { Listen } from './listen.js';

/** @param {any} props */
export function Screen({ state, act }) {
  const [open, setOpen] = useState('');
  const card = GUIDE.CARDS.find(({ id }) => id === open);
  if (card) return html`<${Card} card=${card} away=${state.offline.away} onBack=${() => setOpen('')} />`;
  return html`<div class="guide"><${Heading} title=${GUIDE.TITLE} onBack=${() => act.visit('menu')} />
    <div class="menu-keys">${GUIDE.CARDS.map(({ id, sign, title }) => html`<${Key} key=${id} test=${`guide-${id}`} look="way" onTap=${() => setOpen(id)}>
      <${Sign} name=${sign} /><strong>${title}</strong></${Key}>`)}</div></div>`;
}

/** Three pictures from left to right, and what they mean. @param {any} props */
function Card({ card: { title, steps, word }, away, onBack }) {
  return html`<div class="guide"><${Heading} title=${title} onBack=${onBack} />
    <ol class="drawn" aria-hidden="true">${steps.map((/** @type {string} */ sign, /** @type {number} */ place) => html`<li key=${sign}>
      <${Sign} name=${sign} />${place < steps.length - 1 && html`<${Sign} name="to-right" />`}</li>`)}</ol>
    <p class="lead" data-test="guide-word">${word}</p><${Listen} text=${word} away=${away} /></div>`;
}
