// STRUK: an older receipt comes back as a copy; every paper, picture and text of it says SALINAN.

import { Heading } from '../parts.js';
import { html } from '../view.js';
import { RECEIPT } from '../words/shift.js';
import { Giving } from './giving.js';
import { Paper } from './paper.js';

/** @param {any} props */
export function Screen({ state, act }) {
  const { paper } = state;
  return html`<div class="result"><${Heading} title=${RECEIPT.TITLE} onBack=${act.today} />
    <${Paper} text=${paper.text} qr=${paper.qr} copy=${true} />
    <div class="foot"><${Giving} state=${state} act=${act} paper=${paper} /></div></div>`;
}
