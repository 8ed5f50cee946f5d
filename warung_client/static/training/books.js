// The books of the training ground: its day, its one closing and its owner's invented money.

import { practiceSlip } from './slip.js';
import { SHOP } from './sample.js';
import { DECLINES } from '../words/training.js';

/** @param {any} books */
function sums({ purchases }) {
  const all = [...purchases.values()];
  const sold = all.filter(({ status }) => status !== 'DECLINED');
  const gone = all.filter(({ status }) => status === 'VOIDED');
  /** @param {any[]} rows */
  const total = (rows) => rows.reduce((sum, { amount }) => sum + amount, 0);
  return { approved: sold.length, amount: total(sold), returned: gone.length, returned_amount: total(gone), declined: all.length - sold.length };
}

/** @param {any} books */
export function dayAnswer(books) {
  const sold = sums(books);
  const [closed = null] = books.closes.values();
  return {
    shop_id: SHOP.shop_id, day: new Date(books.now()).toISOString().slice(0, 10), at: new Date(books.now()).toISOString(), net: sold.amount - sold.returned_amount,
    tills: [{
      till_id: 'latihan', approved: { count: sold.approved, amount: sold.amount }, returned: { count: sold.returned, amount: sold.returned_amount },
      declined: sold.declined, net: sold.amount - sold.returned_amount, closed,
    }],
    methods: [],
  };
}

/** @param {any} books @param {any} body */
export function closeAnswer(books, body) {
  const known = books.closes.get(body.close_id);
  if (known) return { status: 200, body: known };
  if (books.closes.size) return { status: 409, body: { code: 'DAY_CLOSED', detail: DECLINES.DAY_CLOSED } };
  const { cash } = body;
  const expected = cash.opening + cash.sales + cash.taken_in - cash.taken_out;
  const sold = sums(books);
  const answer = {
    close_id: body.close_id, status: 'CLOSED', day: body.day, till_id: 'latihan', sold, unsent: { count: 0, amount: 0 },
    cash: { ...cash, expected, difference: cash.counted - expected }, closed_at: new Date(books.now()).toISOString(),
    text: practiceSlip({ shop: SHOP.name, number: 'TUTUP KAS (Z)', at: books.now(), lines: [], amount: sold.amount - sold.returned_amount, before: null }),
  };
  books.closes.set(body.close_id, answer);
  return { status: 200, body: answer };
}

/** @param {any} books */
export function moneyAnswer(books) {
  const sold = sums(books);
  const day = new Date(books.now() - 86_400_000).toISOString().slice(0, 10);
  return {
    at: new Date(books.now()).toISOString(), not_settled: sold.amount - sold.returned_amount, settled_until: null, account: { bank: 'CONTOH', number: '******1234' },
    days: [{ day, amount: 650_000, waiting: 0, sent: 0, received: 650_000, reference: 'EWLATIHAN', waits_for: null }],
  };
}
