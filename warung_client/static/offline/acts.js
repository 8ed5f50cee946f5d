// What a cashier can do without signal, as keys call it; the work itself is loaded when it is first asked for.

import { NO_ANSWER } from '../words.js';

/** @param {any} till */
export function offlineActs(till) {
  const { store } = till;
  /** One step at a time, with everything loaded. @param {(all: any) => any} work */
  const step = (work) => till.attempt(async () => {
    const all = await till.offline.load();
    return all ? work(all) : store.set({ problem: NO_ANSWER });
  });

  return {
    /** The same basket by the way that works without signal. */
    goOffline: () => step((all) => all.quote()),

    /** The answer of a sale that was sent does not come: the same sale is recorded here under the same id. */
    recordInstead() {
      till.sender.stop(store.get().purchaseId);
      till.alarm.wake();
      till.abandon();
      return step((all) => all.quote());
    },

    readCard: (typed) => step((all) => all.readCard(typed)),
    payOffline: (pin) => step((all) => all.payOffline(pin)),
    /** The signed queue as a file, also where nobody may log in any more. */
    carryAway: () => step((all) => all.exportQueue()),
    cardAgain: () => store.set({ screen: 'who-offline', problem: null }),
  };
}
