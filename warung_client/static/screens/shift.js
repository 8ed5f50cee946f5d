// BUKA DAN TUTUP KAS: the drawer counted at the beginning, notes and sums in between, closed once at the end.

import { date, hour } from '../clock.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { drawer, isOpen, soldHere } from '../shift/book.js';
import { selfTest } from '../shift/checks.js';
import { html, useEffect, useState } from '../view.js';
import { openedBy, SHIFT } from '../words/shift.js';
import { Amount, Checks, Pin, Sums } from './counting.js';
import { Closed, Closing } from './closing.js';

/** @param {any} props */
export function Screen({ state, act, till }) {
  const { shift, closing, shop } = state;
  const [step, setStep] = useState('');
  useEffect(() => () => till.store.set({ closing: null, soFar: null, closedNow: null }), []);
  const tillId = till.session.current?.till_id;
  const today = isOpen(shift, tillId, till.today());
  const stays = shift && shift.till === tillId && !shift.closed; // also one of a day before
  const shown = shift?.closed && (shift.day === till.today() || state.closedNow === shift.id);
  const back = step || closing ? () => { setStep(''); act.stopClosing(); } : act.toCart;
  return html`<div class="shift"><${Heading} title=${closing || shown ? SHIFT.CLOSE_TITLE : stays ? SHIFT.TITLE : SHIFT.OPEN_TITLE} onBack=${back} />
    <${Notice} problem=${state.problem} />
    ${closing ? html`<${Closing} state=${state} act=${act} />`
    : step ? html`<${Step} step=${step} state=${state} act=${act} onDone=${() => setStep('')} />`
    : stays ? html`<${Open} state=${state} act=${act} onStep=${setStep} today=${today} zone=${shop.time_zone} />`
    : shown ? html`<${Closed} state=${state} act=${act} />` : html`<${Opening} state=${state} act=${act} />`}
  </div>`;
}

/** @param {any} props */
function Opening({ state, act }) {
  const [checks, setChecks] = useState([]);
  useEffect(() => { selfTest(state).then(setChecks); }, []);
  return html`<div class="two"><section><p class="lead">${SHIFT.COUNT_FIRST}</p>
      <${Amount} word=${SHIFT.OPEN} test="open-shift" onDone=${act.openShift} /></section>
    ${checks.length ? html`<${Checks} checks=${checks} title=${SHIFT.CHECKS} />` : html`<p class="hint" role="status">${SHIFT.CHECKING}</p>`}</div>`;
}

/** @param {any} props */
function Open({ state, act, onStep, today, zone }) {
  const { shift, soFar, staff } = state;
  const other = shift.cashier !== (staff?.name || staff?.role);
  const key = (/** @type {string} */ test, /** @type {string} */ sign, /** @type {string} */ word, /** @type {() => void} */ onTap) => html`
    <${Key} key=${test} test=${test} look="way" onTap=${onTap}><${Sign} name=${sign} /><strong>${word}</strong></${Key}>`;
  return html`<p class="lead" data-test="shift-open">${openedBy(shift.cashier)}, ${date(shift.day)} ${hour(shift.opened, zone)}</p>
    ${other && html`<div class="notice watch" role="status"><${Sign} name="person" /><div><strong>${SHIFT.OTHER_CASHIER}</strong>
      <${Key} test="take-over" look="wide" onTap=${act.takeOver}>${SHIFT.TAKE_OVER}</${Key}></div></div>`}
    <div class="menu-keys">
      ${today && key('count-now', 'list', SHIFT.X, act.countNow)}
      ${today && key('note-IN', 'plus', SHIFT.NOTE_IN, () => onStep('IN'))}
      ${today && key('note-OUT', 'minus', SHIFT.NOTE_OUT, () => onStep('OUT'))}
      ${key('change-cashier', 'person', SHIFT.CHANGE, () => onStep('CHANGE'))}
      ${key('close-shift', 'cash', SHIFT.CLOSE, () => act.startClosing())}
    </div>
    ${soFar && html`<${SoFar} shift=${shift} soFar=${soFar} />`}`;
}

/** X: the owner sees the engine's counts, a cashier what this tablet saw; nobody sees what the drawer should hold. @param {any} props */
function SoFar({ shift, soFar: { cashSales, engine } }) {
  const here = soldHere(shift);
  const tills = engine?.tills ?? [];
  const all = (/** @type {string} */ name, /** @type {string} */ what) => tills.reduce((/** @type {number} */ sum, /** @type {any} */ each) => sum + each[name][what], 0);
  const aid = engine ? [[`${SHIFT.AID}: ${all('approved', 'count')}`, all('approved', 'amount'), 'x-aid'], [`${SHIFT.RETURNED}: ${all('returned', 'count')}`, all('returned', 'amount'), 'x-returned']]
    : [[`${SHIFT.AID}: ${here.count}`, here.amount, 'x-aid']];
  const { taken_in: taken, taken_out: out } = drawer(shift, 0, 0);
  const waits = here.waiting ? [[`${SHIFT.WAITING}: ${here.waiting}`, here.waitingAmount, 'x-waiting']] : [];
  return html`<section data-test="x"><h2>${SHIFT.X_TITLE}</h2><${Sums} rows=${[...aid, [SHIFT.CASH_SALES, cashSales, 'x-cash'], [SHIFT.TAKEN_IN, taken, 'x-in'], [SHIFT.TAKEN_OUT, out, 'x-out'], ...waits]} /></section>`;
}

/** One thing to do and back. @param {any} props */
function Step({ step, state, act, onDone }) {
  if (step === 'CHANGE') return html`<${Change} state=${state} act=${act} />`;
  return html`<${NoteCash} kind=${step} onDone=${(/** @type {number} */ amount, /** @type {string} */ why) => { act.noteCash(step, amount, why); onDone(); }} />`;
}

/** @param {any} props */
function NoteCash({ kind, onDone }) {
  const [why, setWhy] = useState('');
  const words = kind === 'IN' ? SHIFT.WHY_IN : SHIFT.WHY_OUT;
  if (!why) {
    return html`<h2>${kind === 'IN' ? SHIFT.NOTE_IN : SHIFT.NOTE_OUT}</h2><div class="reasons">${words.map((word, place) => html`
      <${Key} key=${word} test=${`cash-why-${place}`} look="plain wide" onTap=${() => setWhy(word)}>${word}</${Key}>`)}</div>`;
  }
  return html`<h2>${why}</h2><${Amount} word=${SHIFT.KEEP} test="note-keep" least=${1} onDone=${(/** @type {number} */ amount) => onDone(amount, why)} />`;
}

/** @param {any} props */
function Change({ state, act }) {
  const [staff, setStaff] = useState(/** @type {any[]} */ ([]));
  const [chosen, setChosen] = useState(/** @type {any} */ (null));
  useEffect(() => { act.staffHere().then(setStaff); }, []);
  if (chosen) {
    return html`<${Pin} title=${`${SHIFT.PIN_OF}: ${chosen.name ?? chosen.role}`} word=${SHIFT.ENTER} test="change-enter" busy=${state.busy}
      onDone=${(/** @type {string} */ pin) => act.changeCashier(chosen, pin)} />`;
  }
  return html`<h2>${SHIFT.WHO}</h2><div class="cards">${staff.map((one) => html`<${Key} key=${one.staff_id} look="card" test=${`change-${one.staff_id}`} onTap=${() => setChosen(one)}>
    <${Sign} name="person" /><strong>${one.name ?? one.role}</strong></${Key}>`)}</div>`;
}

