// "Dengarkan": one key that reads a sentence aloud; it is there only where the tablet has a voice for it.

import { look } from '../look.js';
import { Key, Sign } from '../parts.js';
import { hush, readAloud, voiceFor, watchVoices } from '../speech.js';
import { spoken } from '../tongue.js';
import { html, useEffect, useState } from '../view.js';
import { LISTEN } from '../words/shift.js';

/** In the chosen language where the sentence is put into it, else in Indonesian. @param {string} text @param {boolean} away */
function reading(text, away) {
  const { language } = look();
  const said = spoken(text);
  const own = said === text ? null : voiceFor(language, away);
  const voice = own ?? voiceFor('id', away);
  return voice && { voice, text: own ? said : text };
}

/** @param {{text: string, away: boolean}} props */
export function Listen({ text, away }) {
  const [, came] = useState(0);
  useEffect(() => watchVoices(() => came((old) => old + 1)), []);
  useEffect(() => hush, [text]);
  const found = reading(text, away);
  return found && html`<${Key} test="listen-guide" look="wide" onTap=${() => readAloud(found.text, found.voice)}>
    <${Sign} name="sound" /><span>${LISTEN}</span></${Key}>`;
}
