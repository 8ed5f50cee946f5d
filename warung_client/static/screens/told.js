// Why a good cannot be paid with the aid, and what is possible instead.

import { onlyFor } from '../elsewhere.js';
import { told } from '../tongue.js';
import { Heading, Key, Picture, Sign } from '../parts.js';
import { html, useEffect, useRef } from '../view.js';
import { onlyWith, OUTSIDE, OUTSIDE_WHY } from '../words.js';

/** @param {any} props */
export function Told({ good, act }) {
  const self = useRef(null);
  const others = onlyFor(good);
  useEffect(() => { self.current?.focus(); }, [good]);
  return html`<div class=${`sheet told ${good.verdict === 'ITEM_BANNED' ? '' : 'outside'}`}>
    <${Heading} title=${good.name} onBack=${act.closePad} />
    <div class="drawing crossed"><${Picture} good=${good} /></div>
    <div class="notice stop" role="alert" tabindex="-1" data-test="told" ref=${self}>
      <${Sign} name="cross" /><div><strong>${told({ reason: good.verdict, message: good.message }).message || OUTSIDE_WHY}</strong></div></div>
    <div class="notice calm"><${Sign} name="cash" /><div>${OUTSIDE_WHY}</div></div>
    ${others.length > 0 && html`<div class="notice calm" data-test="told-others"><${Sign} name="info" /><div><strong>${onlyWith(others)}</strong>
      <${Key} test="told-anyway" look="fix" onTap=${() => act.openAnyway(good)}>Masukkan ke keranjang</${Key}></div></div>`}
    <div class="foot"><${Key} test="told-close" look="quiet wide" onTap=${act.closePad}>Mengerti</${Key}>
      <${Key} test="told-cash" look="primary" onTap=${() => act.openAside(good)}>${OUTSIDE}</${Key}></div>
  </div>`;
}
