// The paper of a receipt as it stands on the screen and as the page prints it, with its marks.

import { marked } from '../receipts/mark.js';
import { TRAINING } from '../training/here.js';
import { html } from '../view.js';

/** @param {any} props `copy` stands on it from the beginning or while the page prints */
export function Paper({ text, qr = null, copy = false, hook = 'receipt' }) {
  return html`<div class=${TRAINING ? 'paper practice' : 'paper'}><pre class="receipt" data-test=${hook}>${marked(text ?? '', { copy, training: TRAINING })}</pre>
    ${qr && html`<img class="qr" data-test="receipt-qr" src=${qr} alt="Kode QR untuk memeriksa struk" />`}</div>`;
}
