// The small pieces every screen is made of: signs, keys, notices.

import { html, useEffect, useRef, useState } from './view.js';
import { told } from './tongue.js';
import { pictureOf } from './pictures.js';

const DOUBLE_TAP_MS = 350;

/** A drawn sign that stands beside its word. @param {{name: string}} props */
export function Sign({ name }) {
  return html`<svg class="sign" aria-hidden="true"><use href=${`#${name}`} /></svg>`;
}

/** @param {{good: {sku: string, picture?: string, group?: string}}} props */
export function Picture({ good }) {
  return html`<svg class="picture" aria-hidden="true"><use href=${`#${pictureOf(good)}`} /></svg>`;
}

/** A key; a hundred of them stand on a screen, so a plain one remembers nothing. @param {any} props */
export function Key({ test, look = 'plain', once = false, onTap, disabled = false, children, ...rest }) {
  if (once) return html`<${OnceKey} ...${{ test, look, onTap, disabled, ...rest }}>${children}</${OnceKey}>`;
  return html`<button type="button" class=${`key ${look}`} data-test=${test} onClick=${() => onTap()} disabled=${disabled} ...${rest}>${children}</button>`;
}

/**
 * A second tap within a blink does nothing, nor does the tail of the double tap that opened this
 * screen; the lock closes before the action starts and opens after it ended.
 * @param {any} props
 */
function OnceKey({ test, look, onTap, disabled, children, ...rest }) {
  const lock = useRef(true);
  const [locked, setLocked] = useState(true);
  const [running, setRunning] = useState(false);
  const open = () => setTimeout(() => { lock.current = false; setLocked(false); }, DOUBLE_TAP_MS);
  useEffect(() => { open(); }, []);
  async function tapped() {
    if (lock.current) return undefined;
    lock.current = true;
    setLocked(true);
    setRunning(true);
    try {
      return await onTap();
    } finally {
      setRunning(false);
      open();
    }
  }
  return html`<button type="button" class=${`key ${look}`} data-test=${test} onClick=${tapped}
    disabled=${disabled || running} aria-disabled=${locked || undefined} ...${rest}>${children}</button>`;
}

/** What happened, why, what to do; takes the focus so nobody misses it. @param {any} props */
export function Notice({ problem, children }) {
  const self = useRef(null);
  useEffect(() => { self.current?.focus(); }, [problem]);
  if (!problem) return null;
  const { message, nextStep } = told(problem);
  return html`<div class=${`notice ${problem.calm ? 'calm' : 'stop'}`} role="alert" tabindex="-1"
    data-test="notice" ref=${self}>
    <${Sign} name=${problem.calm ? 'info' : 'warn'} />
    <div><strong>${message}</strong>
      ${nextStep && html`<p>${nextStep}</p>`}${children}</div>
  </div>`;
}

/** A heading with the way back always at its left. @param {any} props */
export function Heading({ title, onBack, backWord = 'Kembali', children }) {
  return html`<div class="heading">
    ${onBack && html`<${Key} test="back" look="quiet back" onTap=${onBack}>
      <${Sign} name="back" /><span>${backWord}</span></${Key}>`}
    <h1>${title}</h1>${children}
  </div>`;
}
