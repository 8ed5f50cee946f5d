// Another language than Indonesian: sentences and reasons are exchanged where they are shown.

import { speakBy } from './tongue.js';

/**
 * A language's words. A sentence's id is the Indonesian sentence itself; `{}` stands for what changes in it.
 * @typedef {{sentences: Record<string, string>, reasons: Record<string, {text: string, next: string, sound: string}>}} Words
 */

const REMEMBERED_MAX = 1_000;
const SPOKEN_PROPS = ['aria-label', 'placeholder', 'alt'];

/** @type {Words|null} none: Indonesian, as it is written */
let words = null;
/** @type {{shape: RegExp, said: string}[]} */
let shapes = [];
/** @type {Map<string, string>} */
let remembered = new Map();

/** @param {Words|null} chosen none: Indonesian */
export function speak(chosen) {
  words = chosen;
  speakBy(chosen ? { spoken, told } : undefined);
  remembered = new Map();
  shapes = Object.entries(chosen?.sentences ?? {}).filter(([sentence]) => sentence.includes('{}')).map(([sentence, said]) => (
    { shape: new RegExp(`^${sentence.split('{}').map(exactly).join('(.+?)')}$`), said }));
}

/** Fetches a language and speaks it from now on. @param {string} name */
export async function speakIn(name) {
  speak(await (await fetch(`words/${name}.json`)).json());
}

/** @param {string} text */
const exactly = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * A sentence in the chosen language; one that nobody has put into words there stays as it is.
 * @param {string} text @returns {string}
 */
export function inWords(text) {
  if (!words) return text;
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const bare = text.trim();
  const said = bare ? text.replace(bare, () => found(bare)) : text;
  if (remembered.size < REMEMBERED_MAX) remembered.set(text, said);
  return said;
}

/** @param {string} bare */
function found(bare) {
  const exact = words?.sentences[bare];
  if (exact) return exact;
  for (const { shape, said } of shapes) {
    const parts = shape.exec(bare);
    if (parts) return filled(said, parts.slice(1));
  }
  return bare;
}

/** @param {string} said @param {string[]} parts */
function filled(said, parts) {
  let place = 0;
  return said.replace(/\{\}/g, () => parts[place++] ?? '');
}

/**
 * What the engine says about a reason, in the chosen language; `{}` takes the sums of the engine's sentence.
 * @template {{reason?: string, message?: string, nextStep?: string}} Said
 * @param {Said} said @returns {Said}
 */
export function told(said) {
  const known = said?.reason ? words?.reasons[said.reason] : null;
  if (!known) return said;
  const sums = (said.message ?? '').match(/Rp[\d.]*\d/g) ?? [];
  const [full, plain = full] = known.text.split(' || '); // the second where a sum is missing
  const message = sums.length >= full.split('{}').length - 1 ? filled(full, sums) : plain;
  return { ...said, message, nextStep: known.next };
}

/**
 * Exchanges the texts of what a template made.
 * @param {any} made a node of the view library, a list of them, or a text @returns {any}
 */
export function spoken(made) {
  if (!words || made === null || made === undefined) return made;
  if (typeof made === 'string') return inWords(made);
  if (Array.isArray(made)) return made.map(spoken);
  const { props, type } = made;
  if (!props) return made;
  if (props.children !== undefined) props.children = spoken(props.children);
  if (typeof type === 'string') {
    for (const name of SPOKEN_PROPS) {
      if (typeof props[name] === 'string') props[name] = inWords(props[name]);
    }
  }
  return made;
}
