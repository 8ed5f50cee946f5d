// "Tidak bisa dilayani": one tap and a reason, nobody is named; the ministry sees who went home without food.

import { Key, Sign } from '../parts.js';
import { html, useEffect, useState } from '../view.js';
import { CANNOT_SERVE, CANNOT_SERVE_DONE, CANNOT_SERVE_NOT, CANNOT_SERVE_WHY, WHY_NOT } from '../words/identify.js';

const THANKS_MS = 4_000;

/** @param {{act: any}} props */
export function Unserved({ act }) {
  const [step, setStep] = useState('rest');
  useEffect(() => {
    if (step !== 'done') return undefined;
    const timer = setTimeout(() => setStep('rest'), THANKS_MS);
    return () => clearTimeout(timer);
  }, [step]);
  if (step === 'done') return html`<p class="hint" role="status" data-test="unserved-done"><${Sign} name="check" /> ${CANNOT_SERVE_DONE}</p>`;
  if (step === 'rest') {
    return html`<${Key} test="unserved" look="quiet wide" onTap=${() => setStep('why')}><${Sign} name="leave" /><span>${CANNOT_SERVE}</span></${Key}>`;
  }
  return html`<div class="unserved" role="group" aria-label=${CANNOT_SERVE_WHY}><h2>${CANNOT_SERVE_WHY}</h2>
    ${WHY_NOT.map(({ code, word, sign }) => html`<${Key} key=${code} test=${`unserved-${code}`} look="wide" onTap=${() => { act.cannotServe(code); setStep('done'); }}>
      <${Sign} name=${sign} /><span>${word}</span></${Key}>`)}
    <${Key} test="unserved-not" look="quiet wide" onTap=${() => setStep('rest')}><${Sign} name="cross" /><span>${CANNOT_SERVE_NOT}</span></${Key}>
  </div>`;
}
