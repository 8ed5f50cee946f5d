// KKS: the card's stripe or sticker by a reader, the sticker by the camera; its number by hand as an exception.

import { cardFits } from '../numbers.js';
import { Key, Notice, Sign } from '../parts.js';
import { soon } from '../soon.js';
import { html, useState } from '../view.js';
import {
  CARD_CAMERA, CARD_HINT, CARD_STOP, CARD_TITLE, CARD_TYPE, CARD_TYPE_TITLE, HOLDER, HOLDERS,
} from '../words/identify.js';
import { Digits } from './digits.js';

const Sticker = soon(() => import('./sticker.js').then((found) => found.Sticker));

/** @param {any} props */
export function Card({ state, act }) {
  const [by, setBy] = useState('reader');
  return html`<div class="by-card"><${Holder} holder=${state.sale.holder} onTap=${act.setHolder} />
    ${by === 'hand' && html`<${Digits} title=${CARD_TYPE_TITLE} test="card-next" word="Lanjut" digits=${[16, 16]} fits=${cardFits}
      busy=${state.busy} onDone=${act.useTyped} />`}
    ${by === 'camera' && html`<${Sticker} onRead=${act.cardRead} />`}
    ${by === 'reader'
    ? html`<p class="asked" role="status" data-test="card-asked"><${Sign} name="card" /><span>${CARD_TITLE}</span></p>
      <p class="hint">${CARD_HINT}</p>
      <${Key} test="card-camera" look="wide" onTap=${() => setBy('camera')}><${Sign} name="camera" /><span>${CARD_CAMERA}</span></${Key}>
      <${Key} test="type-card" look="quiet wide" onTap=${() => setBy('hand')}><${Sign} name="pen" /><span>${CARD_TYPE}</span></${Key}>`
    : html`<${Key} test="card-reader" look="quiet wide" onTap=${() => setBy('reader')}><${Sign} name="back" /><span>${CARD_STOP}</span></${Key}>`}
  </div>`;
}

/** Whose hands the card is in: one tap, and only when it is not her own. @param {any} props */
function Holder({ holder, onTap }) {
  return html`<div class="holder"><span id="holder">${HOLDER}</span>
    <div class="chips" role="group" aria-labelledby="holder">${HOLDERS.map(({ kind, word }) => html`
      <${Key} key=${kind} test=${`holder-${kind}`} look=${kind === holder ? 'chip here' : 'chip'} aria-pressed=${kind === holder}
        onTap=${() => onTap(kind)}>${word}</${Key}>`)}</div></div>`;
}
