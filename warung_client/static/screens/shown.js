// QR: the basket's code for her telephone, and a place where her own code is read.

import { Key, Sign } from '../parts.js';
import { isOwnCode } from '../showing.js';
import { html, useEffect, useState } from '../view.js';

/** @param {any} props */
export function Shown({ state, act }) {
  const { sale, busy } = state;
  const { shown } = sale;
  useEffect(() => { if (!shown) act.showCode(); }, [sale.visit]);
  return html`<div class="shown" data-test="shown">
    ${shown?.picture && !shown.ended && html`<img class="qr" data-test="basket-qr" src=${shown.picture} alt="Kode QR belanja ini" />
      <p class="asked" role="status"><${Sign} name="clock" /><span>Menunggu Ibu/Bapak menekan Ya di HP</span></p>
      <p class="hint">Pindai kode ini di halaman Saldo saya, menu Bayar kode di kasir.</p>`}
    ${shown?.ended && html`<p class="asked" role="status"><${Sign} name="clock" /><span>Waktu kode ini habis</span></p>
      <${Key} test="show-again" look="primary" once disabled=${busy} onTap=${act.showAgain}>Kode baru</${Key}>`}
    <${OwnCode} busy=${busy} onRead=${act.readOwnCode} />
  </div>`;
}

/** A scanner types here what it reads; so does a paste. @param {any} props */
function OwnCode({ busy, onRead }) {
  const [text, setText] = useState('');
  function typed(event) {
    setText(event.target.value);
    if (isOwnCode(event.target.value)) onRead(event.target.value);
  }
  return html`<label class="own-code"><span>Atau pindai QR di HP KPM dengan alat pemindai</span>
    <input data-test="own-code" value=${text} onInput=${typed} disabled=${busy} autocomplete="off" spellcheck="false" maxlength="512" /></label>`;
}
