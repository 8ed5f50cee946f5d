// MENU: everything beside a sale, one key each, picture and word.

import { entriesFor } from '../menu.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { version } from '../shell.js';
import { html } from '../view.js';

/** @param {any} props */
export function Screen({ state, act }) {
  return html`<div class="menu"><${Heading} title="Menu" onBack=${act.toCart} />
    <${Notice} problem=${state.problem} />
    <div class="menu-keys">
      <${Key} test="menu-today" look="way" onTap=${act.today}><${Sign} name="list" /><strong>Hari ini</strong></${Key}>
      ${entriesFor(state.staff?.role).map(({ screen, sign, word }) => html`<${Key} key=${screen} test=${`menu-${screen}`} look="way"
        onTap=${() => act.visit(screen)}><${Sign} name=${sign} /><strong>${word}</strong></${Key}>`)}
    </div>
    <p class="hint" data-test="version">Versi ${version()}</p></div>`;
}
