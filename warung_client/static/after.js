// What the till can do after its sales and around its day; it comes once the first screen stands.

import { Unreachable } from './api.js';
import { complaining } from './complaining.js';
import { printerChoice } from './receipts/choice.js';
import { giving } from './receipts/giving.js';
import { WIDE } from './receipts/mark.js';
import { OpenCash } from './shift/strip.js';
import { working } from './shift/working.js';

/** The width of the paper, for the page's own printing. */
function dressPaper() {
  document.documentElement.dataset.paper = printerChoice().columns === WIDE ? 'wide' : 'narrow';
}

/** @param {any} till @param {any} act gets what is here */
export function after(till, act) {
  const { store, session } = till;
  const works = working(till, act);

  /** The day's list; from the tablet's own notes while the engine is away. */
  till.showToday = () => till.attempt(async () => {
    const answer = await session.call('/v1/purchases?day=today').catch((/** @type {any} */ failure) => {
      if (failure instanceof Unreachable) return null;
      throw failure;
    });
    if (answer && answer.status !== 200) return void till.refuse(answer);
    const today = answer?.body ?? ownList();
    return store.set({ screen: 'today', today, pad: null, given: null, paper: null });
  });

  function ownList() {
    const day = till.today();
    const { shift } = store.get();
    const rows = works.ownRows(shift?.day === day ? shift.journal : []);
    return { day, own: true, purchases: rows, total_approved: rows.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + (row.status === 'VOIDED' ? 0 : row.amount), 0) };
  }

  Object.assign(act, giving(till), works, complaining(till), { dressPaper, today: () => till.showToday() });
  dressPaper();
  till.strips = [...till.strips, OpenCash];
  store.set({ given: null }); // what waited for this is drawn
}
