// TERTUNDA: what waits for signal, what somebody must look at, and how to carry it away or mend the application.

import { date, hour, rfc3339 } from '../../clock.js';
import { rupiah } from '../../money.js';
import { Heading, Key, Notice, Sign } from '../../parts.js';
import { html, useEffect, useState } from '../../view.js';
import { waitingWord } from '../../words/signal.js';
import { DECIDED, ENDED, moreWord, OTHER_TAB, OUTCOMES, PENDING, QUARANTINED, READ, REVOKED } from '../../words/offline.js';
import { waits } from '../decided.js';
import { FINE } from '../queue.js';

/** The same objects each time: a notice takes the focus when it is new. */
const ELSEWHERE = { ...OTHER_TAB, calm: true };
const MAY_VANISH = { ...PENDING.notPersisted, calm: true };
const ENDS = { UNKNOWN: PENDING.unknown, SPLIT: PENDING.split, UNTRUSTED: PENDING.untrusted };

/** @param {any} props */
export function Screen({ state, act, till }) {
  const { offline, shop, busy } = state;
  const [list, setList] = useState(null);
  const [all, setAll] = useState(null);
  useEffect(() => {
    let here = true;
    till.offline.load().then(async (loaded) => {
      const found = await loaded?.pendingList();
      if (here) { setAll(() => loaded); setList(found ?? null); }
    });
    return () => { here = false; };
  }, [offline.count, offline.toSee, offline.news]);
  useEffect(() => { till.offline.load().then((loaded) => loaded?.hear({ now: true })); }, []);
  const problem = state.problem ?? standing(offline);
  return html`<div class="pending"><${Heading} title=${PENDING.title} onBack=${act.toCart} />
    <${Notice} problem=${problem} />
    <p class="total" data-test="pending-total"><span>${PENDING.queue}</span><strong>${offline.count ? waitingWord(offline.count, offline.sum) : PENDING.none}</strong></p>
    ${offline.persisted === false && html`<${Notice} problem=${MAY_VANISH} />`}
    ${list?.toSee.length > 0 && html`<h2>${PENDING.look}</h2><ul data-test="to-see-list">${list.toSee.map((each) => html`<${ToSee} key=${each.envelope ?? each.seq} each=${each} zone=${shop.time_zone} onRead=${() => all.markRead(each)} />`)}</ul>`}
    ${list?.rows.length > 0 && html`<ul data-test="queue-list">${list.rows.map((row) => html`<li key=${row.seq} data-test="queued"><${Sign} name="clock" />
      <span>${date(rfc3339(row.at_ms, shop.time_zone).slice(0, 10))} ${hour(row.at_ms, shop.time_zone)}</span><strong class="money">${rupiah(row.total)}</strong></li>`)}</ul>
      ${list.rows.length < offline.count && html`<p class="hint">${moreWord(list.rows.length, offline.count)}</p>`}`}
    <div class="foot">
      <${Key} test="repair" look="quiet wide" once disabled=${!all} onTap=${() => all.repair()}><${Sign} name="undo" /><span>${PENDING.repair}</span></${Key}>
      <p class="hint">${PENDING.repairWhy}</p>
      ${offline.count > 0 && html`<${Key} test="export" look="quiet wide" once disabled=${!all} onTap=${() => all.exportQueue()}><${Sign} name="list" /><span>${PENDING.exported}</span></${Key}>
      <${Key} test="send-now" look="primary" once disabled=${!all || busy || offline.sending} onTap=${() => all.sendNow()}>${offline.sending ? PENDING.sending : PENDING.send}</${Key}>`}
    </div></div>`;
}

/** What stands in the way of sending, as far as it is known. @param {any} offline */
function standing({ ended, device, owner }) {
  if (!owner) return ELSEWHERE;
  if (ENDS[ended]) return ENDS[ended];
  if (device === 'REVOKED') return REVOKED;
  return device === 'QUARANTINED' ? QUARANTINED : null;
}

/** What became of a sale; while somebody decides it stays, afterwards until it was read. @param {any} props */
function ToSee({ each, zone, onRead }) {
  const open = waits(each);
  const good = !open && FINE.has(each.outcome) && each.decision !== 'SHOP_PAYS';
  return html`<li class=${good ? 'decided' : 'look-at'} data-test="to-see-row" data-outcome=${each.outcome} data-decision=${each.decision ?? ''}>
    <${Sign} name=${open ? 'clock' : good ? 'check' : 'warn'} />
    <div><strong>${ENDED[each.decision] ?? OUTCOMES[each.outcome] ?? each.outcome}</strong>
      ${each.decision && html`<span>${DECIDED}</span>`}${each.message && html`<span>${each.message}</span>`}
      ${each.at_ms && html`<span>${date(rfc3339(each.at_ms, zone).slice(0, 10))} ${hour(each.at_ms, zone)}</span>`}</div>
    <strong class="money">${each.total ? rupiah(each.total) : ''}</strong>
    ${!open && html`<${Key} test="read" look="small" once onTap=${onRead}><${Sign} name="check" /><span>${READ}</span></${Key}>`}</li>`;
}
