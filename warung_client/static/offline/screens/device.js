// PERANGKAT: a key for this tablet by the owner's one-time code, and the code itself for the owner.

import { hour } from '../../clock.js';
import { grouped } from '../../money.js';
import { Heading, Key, Notice, Sign } from '../../parts.js';
import { Keypad } from '../../keypad.js';
import { press } from '../../typing.js';
import { html, useEffect, useState } from '../../view.js';
import { DEVICE, DEVICE_STATES, STOPPED } from '../../words/offline.js';
import { PinField } from '../pin_field.js';

const CODE_DIGITS = 8;
const PIN_DIGITS_MIN = 4;
const LABEL_LETTERS_MAX = 60;

/** Before anybody is logged in: this tablet becomes a device. Later: its state, its key, the owner's code. @param {any} props */
export function Screen({ state, act, till }) {
  const [all, setAll] = useState(null);
  const [task, setTask] = useState(state.screen === 'enrol' ? 'ENROL' : null);
  useEffect(() => { till.offline.load().then((loaded) => { setAll(() => loaded); loaded?.pull(); }); }, []);
  const back = state.screen === 'enrol' ? () => till.signIn() : act.toCart;
  if (task === 'MAKE') return html`<${Make} all=${all} state=${state} onBack=${() => setTask(null)} />`;
  if (task) return html`<${Code} task=${task} state=${state} all=${all} onBack=${state.screen === 'enrol' ? back : () => setTask(null)} />`;
  const { offline, staff } = state;
  return html`<div class="device narrow"><${Heading} title=${DEVICE.title} onBack=${back} /><${Notice} problem=${state.problem} />
    <p class="lead" data-test="device-state" data-state=${offline.device}><${Sign} name="tablet" /> ${DEVICE_STATES[offline.device] ?? offline.device}</p>
    ${staff?.role === 'PEMILIK' && html`<${Key} test="make-code" look="wide" disabled=${!all} onTap=${() => setTask('MAKE')}><${Sign} name="plus" /><span>${DEVICE.makeCode}</span></${Key}>`}
    ${STOPPED[offline.device] && html`<${Stopped} device=${offline.device} onAgain=${() => setTask('ENROL')} ready=${Boolean(all) && !offline.away} />`}
    ${offline.device === 'NONE' && html`<div class="foot"><${Key} test="bind-key" look="primary" disabled=${!all} onTap=${() => setTask('BIND')}>${DEVICE.bind}</${Key}></div>`}
  </div>`;
}

/** Why it sells no more without signal, and the way to a new key. @param {any} props */
function Stopped({ device, onAgain, ready }) {
  return html`<p class="notice watch" role="status" data-test="stopped"><${Sign} name="warn" /><span>${STOPPED[device]}</span></p>
    <ol data-test="stopped-steps">${STOPPED.steps.map((step) => html`<li key=${step}>${step}</li>`)}</ol>
    <div class="foot"><${Key} test="enrol-again" look="primary" once disabled=${!ready} onTap=${onAgain}>${STOPPED.again}</${Key}></div>`;
}

/** The eight digits that the owner's tablet shows. @param {any} props */
function Code({ task, state, all, onBack }) {
  const [code, setCode] = useState('');
  const [label, setLabel] = useState('Tablet');
  async function done() {
    await (task === 'ENROL' ? all.enrol(code, label.trim()) : all.bindKey(code));
    if (task === 'BIND') onBack();
  }
  return html`<section class="start narrow"><${Heading} title=${task === 'ENROL' ? DEVICE.enrolTitle : DEVICE.bind} onBack=${onBack} /><${Notice} problem=${state.problem} />
    ${task === 'ENROL' && html`<label>${DEVICE.label}<input data-test="device-label" value=${label} maxlength=${LABEL_LETTERS_MAX}
      onInput=${(event) => setLabel(event.target.value)} autocomplete="off" /></label>`}
    <h2>${DEVICE.code}</h2><output class="typed" data-test="typed">${grouped(code) || ' '}</output><p class="hint">${DEVICE.codeHint}</p>
    <${Keypad} onPress=${(key) => setCode((old) => press(old, key, { digitsMax: CODE_DIGITS }))} />
    <${Key} test="code-done" look="primary" once disabled=${!all || code.length < CODE_DIGITS || !label.trim() || state.busy} onTap=${done}>${state.busy ? 'Sebentar' : DEVICE.enrol}</${Key}>
  </section>`;
}

/** Only the owner, by the owner's own PIN once more. @param {any} props */
function Make({ state, all, onBack }) {
  const [made, setMade] = useState(null);
  const prove = async (pin) => setMade(await all.makeCode(pin));
  return html`<div class="device narrow"><${Heading} title=${DEVICE.makeCode} onBack=${onBack} /><${Notice} problem=${state.problem} />
    ${made
    ? html`<p class="lead">${DEVICE.codeMade}</p><output class="typed" data-test="device-code">${grouped(made.code)}</output>
      <p class="hint">${DEVICE.codeHint} Sampai ${hour(made.expires_at, state.shop.time_zone)}.</p>`
    : html`<${PinField} title=${DEVICE.pin} hint="" least=${PIN_DIGITS_MIN} word=${DEVICE.makeCode} busy=${state.busy} onDone=${prove} />`}</div>`;
}
