// Tells the engine how many ordinary sales each day had: a number a day, once an hour and when the shop closes.

import { daysWithSales, forgetOld, salesOf, sumsOf } from './cash_book.js';

const DAYS_TOLD_MAX = 31;

/**
 * @param {{shopId: string, today: string, call: (path: string, what: object) => Promise<import('../types.js').Answer>,
 *   drawer: ReturnType<typeof import('./keep.js').drawer>}} around
 * @returns {Promise<void>} rejects when no answer came: the next hour tells again
 */
export async function tellCounts({ shopId, today, call, drawer }) {
  /** @type {Record<string, number>} */
  const told = drawer.read('told', {});
  const days = (await daysWithSales(shopId)).slice(0, DAYS_TOLD_MAX);
  for (const day of days) {
    const { sales, goodsLines, cancelled } = sumsOf(await salesOf(shopId, day));
    if (told[day] === sales) continue;
    const answer = await call('/v1/shops/cash-counts', { method: 'POST', body: { day, sales, goods_lines: goodsLines, ...(cancelled && { cancelled }) } });
    if (answer.status === 401 || answer.status >= 500) break;
    told[day] = sales; // a refused day is not asked again
  }
  drawer.write('told', Object.fromEntries(days.filter((day) => day in told).map((day) => [day, told[day]])));
  await forgetOld(shopId, today);
}
