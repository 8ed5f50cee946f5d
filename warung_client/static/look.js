// How the till looks, sounds and speaks on this tablet: kept on the device, worn by the page.

const KEPT = 'ewarong.look';

/** What may be chosen; the first of each is the usual one. */
export const CHOICES = Object.freeze({
  theme: ['biasa', 'terik', 'malam'],
  text: ['100', '150', '200'],
  hand: ['right', 'left'],
  sound: ['tones', 'words', 'off'],
  language: ['id', 'jv', 'su'],
});

/** @typedef {{theme: string, text: string, hand: string, sound: string, language: string}} Look */

/**
 * What was kept, with the usual in place of whatever is missing or unknown.
 * @param {string|null} text @returns {Look}
 */
export function read(text) {
  let kept = {};
  try {
    kept = JSON.parse(text ?? '{}') ?? {};
  } catch {
    kept = {}; // somebody else's text: the usual
  }
  const known = Object.entries(CHOICES).map(([name, choices]) => [name, choices.includes(kept[name]) ? kept[name] : choices[0]]);
  return Object.fromEntries(known);
}

/** @type {Promise<void>|null} */
let dressed = null;

/** The styles that the first screen does without; a page that is served as written has them already. */
export function dress() {
  const { version } = document.documentElement.dataset;
  dressed ??= !version ? Promise.resolve() : new Promise((resolve) => {
    const sheet = document.createElement('link');
    sheet.onload = () => resolve();
    sheet.onerror = () => resolve(); // without them the till looks plain, and sells
    Object.assign(sheet, { rel: 'stylesheet', href: `later.css?v=${version}` });
    const paper = document.querySelector('link[media="print"]'); // what is printed has the last word
    document.head.insertBefore(sheet, paper);
  });
  return dressed;
}

/** Nothing chosen that needs other styles. @param {Look} chosen */
export const isUsual = ({ theme, text, hand }) => [CHOICES.theme[0], CHOICES.text[0], CHOICES.hand[0]].join() === [theme, text, hand].join();

/** @returns {Look} */
export const look = () => read(window.localStorage.getItem(KEPT));

/** @param {Look} chosen */
export function wear({ theme, text, hand, language }) {
  const page = document.documentElement;
  Object.assign(page.dataset, { theme, text, hand });
  page.lang = language;
}

/** @param {string} name one of CHOICES @param {string} value @returns {Look} */
export function choose(name, value) {
  const chosen = read(JSON.stringify({ ...look(), [name]: value }));
  window.localStorage.setItem(KEPT, JSON.stringify(chosen));
  wear(chosen);
  return chosen;
}
