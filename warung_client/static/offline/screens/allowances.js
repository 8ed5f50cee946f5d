// JATAH TANPA SINYAL: the family asks for money to be set aside for this shop, or takes it back.

import { date, rfc3339 } from '../../clock.js';
import { rupiah } from '../../money.js';
import { Heading, Key, Notice, Sign } from '../../parts.js';
import { html, useEffect, useState } from '../../view.js';
import { FACTORS } from '../../words.js';
import { servesWord } from '../../words/signal.js';
import { ALLOWANCE, allowanceLine, DEVICE_STATES } from '../../words/offline.js';
import { momentOf } from '../allowance.js';
import { CardField } from '../card_field.js';
import { PinField } from '../pin_field.js';

const DEFAULT_AMOUNT = 100_000;
const ALL_OF_IT = 10_000_000; // the engine sets aside what there is and what its limits allow
const AMOUNTS = [50_000, DEFAULT_AMOUNT, 200_000, ALL_OF_IT];

/** @param {any} props */
export function Screen({ state, act, till }) {
  const [wish, setWish] = useState(null);
  const [all, setAll] = useState(null);
  const { offline } = state;
  useEffect(() => { till.offline.load().then(async (loaded) => { await loaded?.pull(); setAll(() => loaded); }); }, []);
  if (wish) return html`<${Wish} wish=${wish} state=${state} all=${all} onBack=${() => setWish(null)} />`;
  const ready = all && offline.device === 'APPROVED' && !offline.away;
  return html`<div class="allowances"><${Heading} title=${ALLOWANCE.title} onBack=${act.toCart} />
    <${Notice} problem=${state.problem ?? (offline.away ? ALLOWANCE.needsSignal : null)} />
    <p class="lead" data-test="allowances-serve">${servesWord(offline.families)}</p>
    <p class="hint">${ALLOWANCE.why} ${ALLOWANCE.whose}</p>
    ${offline.device !== 'APPROVED' && html`<p class="notice watch" data-test="key-state"><${Sign} name="tablet" /><span>${DEVICE_STATES[offline.device]}</span></p>`}
    <${Live} all=${all} families=${offline.families} zone=${state.shop.time_zone} />
    <div class="foot"><${Key} test="recall" look="quiet wide" disabled=${!all || offline.away} onTap=${() => setWish('RECALL')}><${Sign} name="undo" /><span>${ALLOWANCE.recall}</span></${Key}>
      <${Key} test="ask-allowance" look="primary" disabled=${!ready} onTap=${() => setWish('ASK')}>${ALLOWANCE.ask}</${Key}></div></div>`;
}

/** @param {any} allowance @param {string} zone */
const lastDay = ({ not_after: end }, zone) => date(rfc3339(momentOf(end) - 1, zone).slice(0, 10));

/** @param {number} amount */
const amountWord = (amount) => (amount === ALL_OF_IT ? ALLOWANCE.all : rupiah(amount));

/** How much and until when; whose it is stands nowhere. @param {any} props */
function Live({ all, families, zone }) {
  const [kept, setKept] = useState([]);
  useEffect(() => { all?.allowanceList().then(setKept); }, [all, families]);
  if (!kept.length) return html`<p class="empty">${ALLOWANCE.none}</p>`;
  return html`<ul data-test="allowance-list">${kept.map(({ alw, left, allowance }) => html`<li key=${alw} data-test="allowance">
    <${Sign} name="card" /><span>${allowanceLine(left, lastDay(allowance, zone))}</span></li>`)}</ul>`;
}

/** Card, then how much, then PIN. @param {any} props */
function Wish({ wish, state, all, onBack }) {
  const [qr, setQr] = useState(null);
  const [amount, setAmount] = useState(DEFAULT_AMOUNT);
  const title = wish === 'ASK' ? ALLOWANCE.ask : ALLOWANCE.recall;
  async function prove(pin) {
    const done = await (wish === 'ASK' ? all.askAllowance(qr, pin, amount) : all.recallAllowance(qr, pin));
    if (done) onBack();
  }
  return html`<div class="allowances narrow"><${Heading} title=${title} onBack=${onBack} /><${Notice} problem=${state.problem} />
    ${!qr ? html`<${CardField} busy=${state.busy} onRead=${setQr} />` : html`
      ${wish === 'ASK' && html`<div class="chips" role="group" aria-label="Besarnya">${AMOUNTS.map((each) => html`<${Key} key=${each} test=${`amount-${each}`}
        look=${each === amount ? 'chip here' : 'chip'} aria-pressed=${each === amount} onTap=${() => setAmount(each)}>${amountWord(each)}</${Key}>`)}</div>`}
      <${PinField} title=${FACTORS.PIN.title} hint=${FACTORS.PIN.hint} word=${wish === 'ASK' ? `${title} ${amountWord(amount)}` : title} busy=${state.busy} onDone=${prove} />`}
  </div>`;
}
