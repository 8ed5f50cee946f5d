// KENALI KPM: every way on one screen; whichever fails, the others stay one tap away, and people last.

import { waysTaken } from '../identify/ways.js';
import { Unserved } from '../identify/unserved.js';
import { rupiah } from '../money.js';
import { AwayWay } from '../offline/away_way.js';
import { nikFits, phoneFits } from '../numbers.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { useScanner } from '../selling/scanner.js';
import { soon } from '../soon.js';
import { html, useEffect } from '../view.js';
import { WAYS } from '../words.js';
import { DELEGATE, DELEGATE_FOR, DELEGATE_NIK, LADDER_ASK, PHONE_YES, RUNGS } from '../words/identify.js';
import { Card } from './card.js';
import { Digits } from './digits.js';
import { Factor } from './factor.js';

// The camera and what few families need come when they are asked for.
const Face = soon(() => import('./face.js').then((found) => found.Face));
const Help = soon(() => import('./help.js').then((found) => found.Help));
const Shown = soon(() => import('./shown.js').then((found) => found.Shown));
const Turn = soon(() => import('./turn.js').then((found) => found.Turn));

const SIGNS = { FACE: 'face', PHONE: 'handset', KKS: 'card', KTP: 'idcard' };
const HOOKS = { FACE: 'face', PHONE: 'phone', KKS: 'card', KTP: 'ktp' };

/** @param {any} props */
export function Who({ state, act }) {
  const { sale, problem } = state;
  useScanner(act.cardRead);
  useEffect(() => { act.getReady(); }, []);
  return html`<div class=${`who ${sale.way ? 'chosen' : ''}`}>
    <${Heading} title="Kenali KPM" onBack=${act.toCart}><span class="sum">${rupiah(sale.amount)}</span></${Heading}>
    <div class="ways" role="group" aria-label="Cara mengenali">${waysTaken(Object.keys(WAYS), state.methods).map((way) => html`
      <${Key} key=${way} test=${`way-${HOOKS[way]}`} look=${sale.way === way ? 'way here' : 'way'} aria-pressed=${sale.way === way}
        onTap=${() => act.chooseWay(way)}>
        <${Sign} name=${SIGNS[way]} /><strong>${WAYS[way].name}</strong><span>${WAYS[way].hint}</span></${Key}>`)}</div>
    ${state.offline.away && html`<${AwayWay} busy=${state.busy} act=${act} />`}
    <section class="way-panel"><${Notice} problem=${problem}><${Onward} way=${problem?.way} act=${act} /></${Notice}>
      <${Way} key=${sale.way} state=${state} act=${act} /></section>
  </div>`;
}

/** The key to the way that the engine names next. @param {any} props */
function Onward({ way, act }) {
  const rung = RUNGS[way];
  return rung && html`<${Key} test=${`onward-${way}`} look="fix" onTap=${() => act.chooseWay(way)}><${Sign} name=${rung.sign} /><span>${rung.word}</span></${Key}>`;
}

/** The chosen way's own part of the screen. @param {any} props */
function Way({ state, act }) {
  const { sale, busy } = state;
  if (sale.families) return html`<${Families} families=${sale.families} onTap=${act.chooseFamily} />`;
  if (sale.stepUp.length && sale.way !== 'PHONE') return html`<${Factor} state=${state} act=${act} />`;
  switch (sale.way) {
    case 'KKS':
      return html`<${Card} state=${state} act=${act} />`;
    case 'PHONE':
      return html`<${Digits} title="Nomor HP yang terdaftar" test="phone-next" word="Kirim kode" digits=${[10, 14]} fits=${phoneFits} first=${sale.msisdn} busy=${busy} onDone=${act.identifyPhone}
        also=${{ test: 'phone-yes', word: PHONE_YES, sign: 'ask', onDone: act.askPhoneYes }} />`;
    case 'KTP':
      return html`<${Ktp} state=${state} act=${act} title="NIK pada KTP" />`;
    case 'DELEGATE':
      return html`<${Ktp} state=${state} act=${act} title=${DELEGATE_NIK} />`;
    case 'FACE':
      return html`<${Turn} state=${state} act=${act} />`;
    case 'SUPERVISED':
      return html`<${Help} state=${state} act=${act} />`;
    case 'QR':
      return html`<${Shown} key=${sale.visit} state=${state} act=${act} />`;
    default:
      return html`<${Others} state=${state} act=${act} />`;
  }
}

/** What stands beside the four ways, people last. @param {any} props */
function Others({ state, act }) {
  return html`<p class="lead">Ibu/Bapak KPM boleh memilih cara yang paling mudah. Semua cara sama sahnya.</p>
    <div class="others">
      <${Key} test="way-qr" look="wide" onTap=${() => act.chooseWay('QR')}><${Sign} name="handset" /><span>QR di HP KPM</span></${Key}>
      <${Key} test="way-delegate" look="wide" onTap=${() => act.chooseWay('DELEGATE')}><${Sign} name="person" /><span>${DELEGATE}</span></${Key}>
      <${Key} test="ladder-ask" look="quiet wide" disabled=${state.busy} onTap=${act.askLadder}><${Sign} name="ask" /><span>${LADDER_ASK}</span></${Key}>
      <${Key} test="way-supervised" look="quiet wide" onTap=${() => act.chooseWay('SUPERVISED')}><${Sign} name="person" /><span>Belum ada yang berhasil? Minta pendampingan</span></${Key}>
      <${Unserved} act=${act} />
    </div>`;
}

/** NIK first, then the face that must belong to it. @param {any} props */
function Ktp({ state, act, title }) {
  const { nik } = state.sale;
  if (!nik) {
    return html`<${Digits} title=${title} test="ktp-next" word="Lanjut ke foto" digits=${[16, 16]} fits=${nikFits} busy=${state.busy} onDone=${act.useNik} />`;
  }
  return html`<${Face} busy=${state.busy} onFrames=${(images) => act.identifyFaces('KTP', { nik, images })} />`;
}

/** A delegate says for whom she buys; names are masked. @param {any} props */
function Families({ families, onTap }) {
  return html`<div class="ladder" data-test="families"><h2>${DELEGATE_FOR}</h2>${families.map(({ kpm_id: id, name }) => html`
    <${Key} key=${id} test=${`family-${id}`} look="wide" onTap=${() => onTap(id)}><${Sign} name="person" /><span>${name}</span></${Key}>`)}</div>`;
}
