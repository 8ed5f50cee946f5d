// The acts of a sale after the basket; they come as soon as the first goods stand there.

import { acting } from './identify/acting.js';
import { offlineActs } from './offline/acts.js';
import { paying } from './paying.js';
import { alarm, purchaseSender } from './purchase.js';
import { sellingActs } from './selling/acts.js';
import { showing } from './showing.js';
import { voiding } from './voiding.js';

/** @param {any} till @returns {Record<string, (...all: any[]) => any>} */
export function saleActs(till) {
  till.alarm = alarm();
  till.sender = purchaseSender(till.session.call, till.alarm.sleep);
  return { ...paying(till), ...voiding(till), ...showing(till), ...offlineActs(till), ...acting(till), ...sellingActs(till) };
}
