// PENDAMPINGAN: nothing else works today, so the shop and one officer vouch for her together.

import { Dots, Keypad } from '../keypad.js';
import { rupiah } from '../money.js';
import { cardFits, nikFits, phoneFits } from '../numbers.js';
import { Key, Sign } from '../parts.js';
import { press } from '../typing.js';
import { html, useEffect, useState } from '../view.js';
import { NO_OTHER_WAY } from '../words.js';
import { Digits } from './digits.js';

const LOOK_MS = 3_000;
const PIN_DIGITS = 6;
const NUMBERS = {
  KKS: { word: 'KKS', title: 'Nomor kartu KKS', digits: [16, 16], fits: cardFits },
  NIK: { word: 'NIK', title: 'NIK pada KTP', digits: [16, 16], fits: nikFits },
  PHONE: { word: 'HP', title: 'Nomor HP yang terdaftar', digits: [10, 14], fits: phoneFits },
};

/** @param {any} props */
export function Help({ state, act }) {
  const [kind, setKind] = useState('NIK');
  const [number, setNumber] = useState('');
  if (state.sale.supervision) return html`<${Waiting} state=${state} act=${act} />`;
  if (number) {
    return html`<${Ask} busy=${state.busy} amount=${state.sale.amount} onAsk=${(reason, pin) => act.askSupervision(kind, number, reason, pin)} />`;
  }
  const { title, digits, fits } = NUMBERS[kind];
  return html`<div class="chips" role="group" aria-label="Nomor keluarga">${Object.keys(NUMBERS).map((each) => html`
      <${Key} key=${each} test=${`help-${each}`} look=${each === kind ? 'chip here' : 'chip'} aria-pressed=${each === kind}
        onTap=${() => setKind(each)}>${NUMBERS[each].word}</${Key}>`)}</div>
    <${Digits} key=${kind} title=${title} test="help-next" word="Lanjut" digits=${digits} fits=${fits} busy=${state.busy} onDone=${setNumber} />`;
}

/** Why nothing else works, then the cashier's own PIN. @param {any} props */
function Ask({ busy, amount, onAsk }) {
  const [reason, setReason] = useState('');
  const [pin, setPin] = useState('');
  async function ask() {
    await onAsk(reason, pin);
    setPin('');
  }
  if (!reason) {
    return html`<div class="ladder"><h2>Mengapa cara lain belum bisa?</h2>${NO_OTHER_WAY.map(({ code, word }) => html`
      <${Key} key=${code} test=${`why-${code}`} look="quiet wide" onTap=${() => setReason(code)}>${word}</${Key}>`)}</div>`;
  }
  return html`<div class="secret"><h2>PIN kasir Anda</h2>
    <${Dots} count=${pin.length} of=${PIN_DIGITS} />
    <p class="hint">Enam angka milik kasir, bukan PIN keluarga.</p>
    <${Keypad} prefix="pin" onPress=${(key) => setPin((old) => press(old, key, { digitsMax: PIN_DIGITS }))} />
    <${Key} test="help-ask" look="primary" once disabled=${pin.length < PIN_DIGITS || busy} onTap=${ask}>
      ${busy ? 'Sebentar' : `Minta persetujuan ${rupiah(amount)}`}</${Key}>
  </div>`;
}

/** @param {any} props */
function Waiting({ state, act }) {
  useEffect(() => {
    const timer = setInterval(act.lookSupervision, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<div class="helping" data-test="help-waiting">
    <div class="notice calm" role="status"><${Sign} name="clock" /><div><strong>Menunggu petugas menyetujui.</strong>
      <p>Paling banyak ${rupiah(state.sale.supervision.amount)}. Petugas membuka permintaan ini di perangkatnya sendiri.</p></div></div>
    <${Key} test="help-look" look="primary" once onTap=${act.lookSupervision}>Periksa sekarang</${Key}>
  </div>`;
}
