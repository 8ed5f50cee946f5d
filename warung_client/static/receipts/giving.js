// A receipt leaves the till: printed, shared as picture or text; whatever fails, it stays on the screen.

import { apart, TRAINING } from '../training/here.js';
import { RECEIPT } from '../words/shift.js';
import { printerChoice } from './choice.js';
import { gave, gaveBefore } from './first.js';
import { marked } from './mark.js';

/**
 * A receipt as it may be given: `copy` when it was given before the screen was opened.
 * @typedef {{id: string, text: string, verify?: string, qr?: string|null, copy?: boolean, sample?: boolean}} Paper
 */

/** @param {any} till */
export function giving(till) {
  const { store, session } = till;
  const kept = apart(window.localStorage);
  /** @param {Paper} paper */
  const isCopy = (paper) => !paper.sample && (Boolean(paper.copy) || gaveBefore(paper.id, kept));
  /** @param {Paper} paper @param {string} word */
  const say = (paper, word) => store.set({ given: { id: paper.id, word }, problem: null });

  /** Prints the page itself; the mark stands in it before the dialogue opens. @param {Paper} paper */
  async function printPage(paper) {
    store.set({ marking: isCopy(paper) });
    await new Promise((drawn) => { requestAnimationFrame(() => setTimeout(drawn, 0)); });
    try {
      window.print();
    } finally {
      store.set({ marking: false });
    }
  }

  /** @param {Paper} paper @param {{kind: string, columns: number}} choice */
  async function printBytes(paper, { kind, columns }) {
    const [{ receiptBytes }, { sendToPrinter }] = await Promise.all([import('./escpos.js'), import('./port.js')]);
    await sendToPrinter(kind, receiptBytes({ text: paper.text, qr: paper.verify ?? '', columns, copy: isCopy(paper), training: TRAINING }));
    say(paper, RECEIPT.PRINTED);
  }

  return {
    /** @param {Paper} paper */
    printReceipt: async (paper) => {
      const choice = printerChoice();
      store.set({ given: null, problem: null });
      try {
        await (choice.kind === 'PAGE' ? printPage(paper) : printBytes(paper, choice));
        gave(paper.id, kept);
      } catch (failure) {
        console.warn(failure);
        store.set({ problem: RECEIPT.PRINTER_GONE });
      }
    },

    /** @param {Paper} paper @param {'TEXT'|'PICTURE'} how */
    shareReceipt: async (paper, how) => {
      const text = marked(paper.text, { copy: isCopy(paper), training: TRAINING });
      try {
        const { sharePicture, shareText } = await import('./share.js');
        const name = `struk-${paper.id.slice(-8)}`;
        const done = how === 'TEXT'
          ? await shareText(text)
          : await sharePicture(await (await import('./picture.js')).receiptPng(text, paper.qr), name);
        if (!done) return;
        gave(paper.id, kept);
        say(paper, RECEIPT.GIVEN[/** @type {keyof typeof RECEIPT.GIVEN} */ (done)]);
      } catch (failure) {
        console.warn(failure);
        store.set({ problem: RECEIPT.NOT_SHARED });
      }
    },

    /** An older receipt comes back, as a copy. @param {any} purchase a row of the day's list */
    openReceipt: (purchase) => till.attempt(async () => {
      const answer = await session.call(`/v1/purchases/${purchase.purchase_id}`);
      if (answer.status !== 200) return till.refuse(answer);
      const { text, verify } = answer.body.receipt ?? {};
      if (!text) return store.set({ problem: RECEIPT.NONE });
      const drawn = await session.authorised(`/v1/purchases/${purchase.purchase_id}/receipt.svg`).catch(() => null);
      const qr = drawn?.status === 200 ? URL.createObjectURL(await drawn.blob()) : null;
      return store.set({ screen: 'receipt', given: null, problem: null, paper: { id: purchase.purchase_id, text, verify, qr, copy: true } });
    }),
  };
}
