// TAMPILAN & SUARA: colours, size of letters, hand, sound and language of this tablet.

import { choose, look } from '../look.js';
import { Heading, Key, Sign } from '../parts.js';
import { version } from '../shell.js';
import { say, signal } from '../sound.js';
import { html, useState } from '../view.js';
import { LISTEN, LOOKS, NEWER, ONLY_WITH_SIGNAL, TITLE, WITHOUT_SIGNAL } from '../words/look.js';

const SAMPLE_RUPIAH = 67_500;

/** @param {any} props */
export function Screen({ state, act }) {
  const [chosen, setChosen] = useState(look());

  /** @param {string} name @param {string} value */
  function take(name, value) {
    setChosen(choose(name, value));
    // every sentence is said anew; basket and log-in are kept by the tab
    if (name === 'language') window.location.reload();
  }

  async function listen() {
    await signal('approved');
    if (look().sound === 'words') await say(SAMPLE_RUPIAH);
  }

  return html`<div class="look"><${Heading} title=${TITLE} onBack=${() => act.visit('menu')} />
    ${Object.entries(LOOKS).map(([name, { title, of }]) => html`<fieldset key=${name}><legend>${title}</legend>
      <div class="choices">${Object.entries(of).map(([value, word]) => html`<${Key} key=${value} test=${`look-${name}-${value}`}
        look=${chosen[name] === value ? 'chip here' : 'chip'} aria-pressed=${chosen[name] === value} onTap=${() => take(name, value)}>
        ${chosen[name] === value && html`<${Sign} name="check" />`}<span>${word}</span></${Key}>`)}</div></fieldset>`)}
    <${Key} test="listen" look="wide" onTap=${listen}><${Sign} name="sound" /><span>${LISTEN}</span></${Key}>
    <p class="hint listen">${navigator.serviceWorker ? WITHOUT_SIGNAL : ONLY_WITH_SIGNAL}</p>
    ${state.newShell && html`<p class="newer" role="status" data-test="newer">${NEWER}</p>`}
    <p class="version" data-test="version">Versi ${version()}</p>
  </div>`;
}
