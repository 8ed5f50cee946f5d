// Reads a sentence aloud where this tablet has a voice for it; where it has none, nobody is offered it.

const PACE = 0.9; // a little slower than usual: it is heard in a market

/** @typedef {{lang: string, localService: boolean}} Voice */

/**
 * A voice of this language, rather one that lives on the tablet; one that needs the network does not count without signal.
 * @template {Voice} V
 * @param {V[]} voices @param {string} language two letters @param {boolean} away @returns {V|null}
 */
export function pickVoice(voices, language, away) {
  const fits = voices.filter(({ lang, localService }) => (
    lang.toLowerCase().split(/[-_]/)[0] === language && (localService || !away)));
  return fits.find(({ localService }) => localService) ?? fits[0] ?? null;
}

const here = () => globalThis.speechSynthesis ?? null;

/** Voices come late in some browsers: whoever offers to read is told of them. @param {() => void} tell @returns {() => void} ends it */
export function watchVoices(tell) {
  const speech = here();
  speech?.addEventListener?.('voiceschanged', tell);
  return () => speech?.removeEventListener?.('voiceschanged', tell);
}

/** @param {string} language @param {boolean} away @returns {SpeechSynthesisVoice|null} */
export const voiceFor = (language, away) => pickVoice(here()?.getVoices() ?? [], language, away);

/** Silences what is being read. */
export const hush = () => here()?.cancel();

/** Whoever is read to later silences what was read before. @param {string} text @param {SpeechSynthesisVoice} voice */
export function readAloud(text, voice) {
  hush();
  const said = new SpeechSynthesisUtterance(text);
  Object.assign(said, { voice, lang: voice.lang, rate: PACE });
  here().speak(said);
}
