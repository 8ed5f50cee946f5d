// What the gate says beside the preview, and when a picture may be taken.

import { Sign } from '../parts.js';
import { html } from '../view.js';
import { CORRECTIONS, GATE_FREE, GATE_GOOD } from '../words/identify.js';
import { cropAround } from './gate.js';

const TURN_ROOM = 2.6; // of the face's height: a turned head stays inside

/** @param {{code: string|null, free: boolean}} gate */
export const mayTake = ({ code, free }) => code === 'OK' || free;

/** @param {{gate: {code: string|null, free: boolean, detects: boolean, looks: number}}} props */
export function Gate({ gate: { code, free, detects, looks } }) {
  const good = code === 'OK';
  const word = good ? GATE_GOOD : CORRECTIONS[code ?? '']?.word ?? '';
  return html`<p class=${`gate ${good ? 'good' : ''}`} role="status" data-test="gate" data-code=${code ?? ''} data-detects=${String(detects)} data-looks=${looks}>
    ${word && html`<${Sign} name=${good ? 'check' : 'warn'} />`}<span>${word}${free ? `. ${GATE_FREE}` : ''}</span></p>`;
}

/** One cut for all pictures of a turn; for a step closer the whole picture. @param {string} action @param {import('./gating.js').Look|null} look */
export const turnCrop = (action, look) => (
  action.startsWith('TURN') && look?.face ? cropAround(look.face, look.frame, TURN_ROOM) : null);
