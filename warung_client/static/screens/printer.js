// PRINTER: how this tablet prints and how wide its paper is; tried with one key.

import { Heading, Key, Notice, Sign } from '../parts.js';
import { keepPrinter, kindsHere, printerChoice } from '../receipts/choice.js';
import { NARROW, WIDE } from '../receipts/mark.js';
import { choosePrinter, PrinterGone } from '../receipts/port.js';
import { html, useState } from '../view.js';
import { PRINTER, RECEIPT } from '../words/shift.js';
import { Paper } from './paper.js';

/** @param {any} props */
export function Screen({ state, act, till }) {
  const [choice, setChoice] = useState(printerChoice());
  function keep(/** @type {any} */ changes) {
    const next = { ...choice, ...changes };
    keepPrinter(next);
    setChoice(next);
    act.dressPaper();
  }
  async function choose(/** @type {string} */ kind) {
    till.store.set({ problem: null });
    try {
      if (kind !== 'PAGE') await choosePrinter(kind);
      keep({ kind });
    } catch (failure) {
      if (!(failure instanceof PrinterGone)) throw failure;
      till.store.set({ problem: RECEIPT.PRINTER_GONE });
    }
  }
  const chip = (/** @type {string} */ test, /** @type {boolean} */ here, /** @type {string} */ word, /** @type {() => any} */ onTap) => html`
    <${Key} key=${test} test=${test} look=${here ? 'chip here' : 'chip'} aria-pressed=${here} onTap=${onTap}>${word}</${Key}>`;
  return html`<div class="printer"><${Heading} title=${PRINTER.TITLE} onBack=${() => act.visit('menu')} />
    <${Notice} problem=${state.problem} />
    ${state.given && html`<p class="given" role="status" data-test="given"><${Sign} name="check" /><span>${state.given.word}</span></p>`}
    <h2>${PRINTER.HOW}</h2><div class="chips" role="group" aria-label=${PRINTER.HOW}>${kindsHere().map((kind) => (
    chip(`printer-${kind}`, choice.kind === kind, PRINTER.KINDS[/** @type {keyof typeof PRINTER.KINDS} */ (kind)], () => choose(kind))))}</div>
    <h2>${PRINTER.PAPER}</h2><div class="chips" role="group" aria-label=${PRINTER.PAPER}>
      ${chip('paper-58', choice.columns === NARROW, PRINTER.NARROW, () => keep({ columns: NARROW }))}
      ${chip('paper-80', choice.columns === WIDE, PRINTER.WIDE, () => keep({ columns: WIDE }))}</div>
    <${Paper} text=${PRINTER.SAMPLE} hook="sample" />
    <div class="foot"><${Key} test="print-sample" look="primary" once onTap=${() => act.printReceipt({ id: 'sample', text: PRINTER.SAMPLE, sample: true })}>${PRINTER.TRY}</${Key}></div></div>`;
}
