// Her card's QR: by a scanner that types, by the camera, or into the field.

import { readCardText } from './card_qr.js';
import { Key, Sign } from '../parts.js';
import { Sticker } from '../screens/sticker.js';
import { useScanner } from '../selling/scanner.js';
import { html, useState } from '../view.js';
import { CARD_BY_CAMERA, CARD_FIELD, CARD_HINT, CARD_TITLE } from '../words/offline.js';

const QR_LENGTH_MAX = 64;

/** @param {{busy: boolean, onRead: (text: string) => void}} props */
export function CardField({ busy, onRead }) {
  const [text, setText] = useState('');
  const [camera, setCamera] = useState(false);
  useScanner(onRead);
  function typed(event) {
    setText(event.target.value);
    if (readCardText(event.target.value)) onRead(event.target.value);
  }
  /** @param {SubmitEvent} event */
  function entered(event) {
    event.preventDefault();
    if (text) onRead(text);
  }
  return html`<form class="card-field" onSubmit=${entered}>
    <p class="asked" role="status"><${Sign} name="card" /><span>${CARD_TITLE}</span></p><p class="hint">${CARD_HINT}</p>
    ${camera
    ? html`<${Sticker} onRead=${onRead} />`
    : html`<${Key} test="qr-camera" look="wide" onTap=${() => setCamera(true)}><${Sign} name="camera" /><span>${CARD_BY_CAMERA}</span></${Key}>`}
    <label><span class="hint">${CARD_FIELD}</span>
      <input data-test="card-qr" value=${text} onInput=${typed} disabled=${busy} type="password" autocomplete="off" spellcheck="false" maxlength=${QR_LENGTH_MAX} /></label>
  </form>`;
}
