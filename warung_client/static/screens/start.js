// MASUK: choose the shop and who works today, type the PIN; or install this device.

import { Dots, Keypad } from '../keypad.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { goToTraining } from '../training/here.js';
import { soon } from '../soon.js';
import { press } from '../typing.js';
import { html, useState } from '../view.js';
import { ROLES } from '../words.js';
import { ENROL_BY_CODE } from '../words/signal.js';

const StillHere = soon(() => import('../offline/still_here.js').then((all) => all.StillHere));
/** A stopped tablet lets nobody in, and yet it may hold sales. @param {any} offline */
const holds = ({ device, count }) => device === 'REVOKED' || (device === 'QUARANTINED' && count > 0);
const PIN_DIGITS_MIN = 4;
const PIN_DIGITS_MAX = 8;

/** @param {any} props */
export function Start({ state, act }) {
  const [shopId, setShop] = useState(null);
  const [device, setDevice] = useState(null);
  const [installing, setInstalling] = useState(false);
  if (!state.devices && !state.problem) return html`<section class="start"><h1>Kasir e-warong</h1><p class="lead" role="status">Sebentar...</p></section>`;
  const devices = state.devices ?? [];
  const here = shopId && devices.filter((one) => shopOf(one) === shopId);
  if (installing) {
    return html`<${Install} act=${act} state=${state} onDone=${() => setInstalling(false)} />`;
  }
  if (device || here?.length === 1) {
    return html`<${Pin} device=${device ?? here[0]} state=${state} act=${act}
      onBack=${() => { setDevice(null); if (here?.length === 1) setShop(null); }} />`;
  }
  if (here) return html`<${Staff} staff=${here} onPick=${setDevice} onBack=${() => setShop(null)} />`;
  return html`<section class="start"><h1>Kasir e-warong</h1>
    <p class="lead">${devices.length ? 'Pilih warung.' : 'Tablet ini belum dipasang untuk warung.'}</p>
    <${Notice} problem=${state.problem} />
    <div class="cards">${shops(devices).map((one) => html`<${Key} key=${shopOf(one)} look="card" test=${`shop-${shopOf(one)}`} onTap=${() => setShop(shopOf(one))}>
      <${Sign} name="shop" /><strong>${one.shop_name ?? 'Warung ini'}</strong><span>${one.region_name ?? one.staff_id}</span></${Key}>`)}
    </div>
    ${holds(state.offline) && html`<${StillHere} state=${state} act=${act} />`}
    <${Key} test="training" look="quiet wide" onTap=${goToTraining}>
      <${Sign} name="pen" /><span>Latihan</span></${Key}>
    <${Key} test="install" look="quiet wide" onTap=${() => setInstalling(true)}>
      <${Sign} name="tablet" /><span>Pasang perangkat</span></${Key}>
    <${Key} test="enrol" look="quiet wide" onTap=${() => act.visit('enrol')}>
      <${Sign} name="plus" /><span>${ENROL_BY_CODE}</span></${Key}>
  </section>`;
}

const shopOf = (device) => device.shop_id ?? device.device_id;

/** One log-in of each shop. @param {any[]} devices */
function shops(devices) {
  return [...new Map(devices.map((one) => [shopOf(one), one])).values()];
}

/** @param {any} props */
function Staff({ staff, onPick, onBack }) {
  return html`<section class="start"><${Heading} title="Siapa yang bertugas?" onBack=${onBack} />
    <div class="cards">${staff.map((one) => html`<${Key} key=${one.staff_id} look="card" test=${`staff-${one.staff_id}`} onTap=${() => onPick(one)}>
      <${Sign} name="person" /><strong>${ROLES[one.role] ?? 'Kasir'}</strong><span>${one.name ?? one.shop_name}</span></${Key}>`)}
    </div></section>`;
}

/** @param {any} props */
function Pin({ device, state, act, onBack }) {
  const [pin, setPin] = useState('');
  async function enter() {
    await act.enter(device, pin);
    setPin('');
  }
  return html`<section class="start narrow"><${Heading} title="PIN kasir" onBack=${onBack} />
    <p class="lead">${device.shop_name ?? 'Warung ini'}${device.region_name ? `, ${device.region_name}` : ''}</p>
    ${state.demo && device.pin && html`<p class="hint" data-test="pin-hint">Contoh: PIN ${device.pin}</p>`}
    <${Notice} problem=${state.problem} />
    <${Dots} count=${pin.length} of=${6} />
    <${Keypad} prefix="pin" onPress=${(key) => setPin((text) => press(text, key, { digitsMax: PIN_DIGITS_MAX }))} />
    <${Key} test="enter" look="primary" once disabled=${pin.length < PIN_DIGITS_MIN || state.busy} onTap=${enter}>Masuk</${Key}>
  </section>`;
}

/** @param {any} props */
function Install({ state, act, onDone }) {
  /** @param {SubmitEvent} event */
  function submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const fields = Object.fromEntries(new FormData(form));
    act.install({ role: 'KASIR', ...fields });
    onDone();
  }
  const field = (name, word) => html`<label>${word}
    <input name=${name} data-test=${`field-${name}`} required autocomplete="off" autocapitalize="off" spellcheck="false" /></label>`;
  return html`<section class="start narrow"><${Heading} title="Pasang perangkat" onBack=${onDone} />
    <p class="lead">Salin dari lembar pemasangan yang diberi petugas.</p>
    <${Notice} problem=${state.problem} />
    <form onSubmit=${submit}>${field('device_id', 'Nomor perangkat')}${field('device_secret', 'Kunci perangkat')}
      ${field('staff_id', 'Nomor petugas')}
      <button type="submit" class="key primary" data-test="install-save">Simpan</button></form>
  </section>`;
}
