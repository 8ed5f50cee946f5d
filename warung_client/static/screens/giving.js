// The keys under a receipt: print, share as picture, share as text; and what became of it.

import { Key, Notice, Sign } from '../parts.js';
import { html } from '../view.js';
import { RECEIPT } from '../words/receipt.js';

/** @param {any} props */
export function Giving({ state, act, paper }) {
  return html`<${Notice} problem=${state.problem} />
    ${state.given?.id === paper.id && html`<p class="given" role="status" data-test="given"><${Sign} name="check" /><span>${state.given.word}</span></p>`}
    <div class="giving"><${Key} test="print" look="quiet" once onTap=${() => act.printReceipt(paper)}><${Sign} name="printer" /><span>${RECEIPT.PRINT}</span></${Key}>
    <${Key} test="share-picture" look="quiet" once onTap=${() => act.shareReceipt(paper, 'PICTURE')}><${Sign} name="share" /><span>${RECEIPT.PICTURE}</span></${Key}>
      <${Key} test="share-text" look="quiet" once onTap=${() => act.shareReceipt(paper, 'TEXT')}><${Sign} name="list" /><span>${RECEIPT.TEXT}</span></${Key}></div>`;
}
