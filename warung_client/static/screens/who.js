// KENALI KPM: four ways on one screen; whichever fails, the others stay one tap away, and people last.

import { rupiah } from '../money.js';
import { cardFits, nikFits, phoneFits } from '../numbers.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { html } from '../view.js';
import { WAYS } from '../words.js';
import { Digits } from './digits.js';
import { Face } from './face.js';
import { Factor } from './factor.js';
import { Help } from './help.js';
import { Shown } from './shown.js';
import { Turn } from './turn.js';

const SIGNS = { FACE: 'face', PHONE: 'handset', KKS: 'card', KTP: 'idcard' };
const HOOKS = { FACE: 'face', PHONE: 'phone', KKS: 'card', KTP: 'ktp' };

/** @param {any} props */
export function Who({ state, act }) {
  const { sale, problem } = state;
  return html`<div class=${`who ${sale.way ? 'chosen' : ''}`}>
    <${Heading} title="Kenali KPM" onBack=${act.toCart}><span class="sum">${rupiah(sale.amount)}</span></${Heading}>
    <div class="ways" role="group" aria-label="Cara mengenali">${Object.keys(WAYS).map((way) => html`
      <${Key} key=${way} test=${`way-${HOOKS[way]}`} look=${sale.way === way ? 'way here' : 'way'} aria-pressed=${sale.way === way}
        onTap=${() => act.chooseWay(way)}>
        <${Sign} name=${SIGNS[way]} /><strong>${WAYS[way].name}</strong><span>${WAYS[way].hint}</span></${Key}>`)}</div>
    <section class="way-panel"><${Notice} problem=${problem} /><${Way} key=${sale.way} state=${state} act=${act} /></section>
  </div>`;
}

/** The chosen way's own part of the screen. @param {any} props */
function Way({ state, act }) {
  const { sale, busy } = state;
  if (sale.stepUp.length && sale.way !== 'PHONE') return html`<${Factor} state=${state} act=${act} />`;
  switch (sale.way) {
    case 'KKS':
      return html`<${Digits} title="Nomor kartu KKS" test="card-next" word="Lanjut" digits=${[16, 16]} fits=${cardFits} busy=${busy} onDone=${act.useCard} />`;
    case 'PHONE':
      return html`<${Digits} title="Nomor HP yang terdaftar" test="phone-next" word="Kirim kode" digits=${[10, 14]} fits=${phoneFits} first=${sale.msisdn} busy=${busy} onDone=${act.identifyPhone} />`;
    case 'KTP':
      return html`<${Ktp} state=${state} act=${act} />`;
    case 'FACE':
      return html`<${Turn} state=${state} act=${act} />`;
    case 'SUPERVISED':
      return html`<${Help} state=${state} act=${act} />`;
    case 'QR':
      return html`<${Shown} key=${sale.visit} state=${state} act=${act} />`;
    default:
      return html`<p class="lead">Ibu/Bapak KPM boleh memilih cara yang paling mudah. Semua cara sama sahnya.</p>
        <${Key} test="way-qr" look="wide" onTap=${() => act.chooseWay('QR')}><${Sign} name="handset" /><span>QR di HP KPM</span></${Key}>
        <${Key} test="way-supervised" look="quiet wide" onTap=${() => act.chooseWay('SUPERVISED')}><${Sign} name="person" /><span>Belum ada yang berhasil? Minta pendampingan</span></${Key}>`;
  }
}

/** NIK first, then the face that must belong to it. @param {any} props */
function Ktp({ state, act }) {
  const { nik } = state.sale;
  if (!nik) {
    return html`<${Digits} title="NIK pada KTP" test="ktp-next" word="Lanjut ke foto" digits=${[16, 16]} fits=${nikFits} busy=${state.busy} onDone=${act.useNik} />`;
  }
  return html`<${Face} busy=${state.busy} onFrames=${(images) => act.identifyFaces('KTP', { nik, images })} />`;
}
