// In the middle of a sale the signal went: the way that goes on without it.

import { Key, Sign } from '../parts.js';
import { html } from '../view.js';
import { OTHER_WAYS_WAIT, WAY_OFFLINE } from '../words/signal.js';

/** @param {{busy: boolean, act: any}} props */
export function AwayWay({ busy, act }) {
  return html`<div class="notice watch" role="status" data-test="away"><${Sign} name="warn" /><div><p>${OTHER_WAYS_WAIT}</p>
    <${Key} test="go-offline" look="fix wide" disabled=${busy} onTap=${act.goOffline}><${Sign} name="card" /><span>${WAY_OFFLINE}</span></${Key}></div></div>`;
}
