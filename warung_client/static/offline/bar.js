// One line on every screen: is there signal, how many families can be served without, what waits to be sent.

import { Sign } from '../parts.js';
import { html } from '../view.js';
import { ALL_SENT, NO_SIGNAL, OTHER_TAB_SHORT, servesWord, SIGNAL, toSeeWord, waitingWord } from '../words/signal.js';

/** @param {{offline: any}} props */
export function SignalBar({ offline: { away, loaded, device, owner, families, count, sum, toSee } }) {
  if (!away && (!loaded || (device === 'NONE' && !count))) return null;
  const keyed = device !== 'NONE' || count > 0;
  return html`<p class=${`signal ${away ? 'away' : ''} ${count ? 'waits' : ''}`} role="status" data-test="signal" data-away=${String(away)}>
    <span><${Sign} name=${away ? 'warn' : 'check'} />${away ? NO_SIGNAL : SIGNAL}</span>
    ${keyed && html`<span data-test="families">${servesWord(families)}</span>
      <span data-test="waiting">${count ? waitingWord(count, sum) : ALL_SENT}</span>`}
    ${toSee > 0 && html`<span data-test="to-see">${toSeeWord(toSee)}</span>`}
    ${!owner && html`<span data-test="other-tab">${OTHER_TAB_SHORT}</span>`}</p>`;
}
