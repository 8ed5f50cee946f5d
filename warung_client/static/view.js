// The one place that names the vendored view library: markup and hooks for every screen.
import { spoken } from './tongue.js';
import { html as made } from './vendor/htm-preact-standalone.js';

export {
  render, useState, useEffect, useLayoutEffect, useRef, useMemo,
} from './vendor/htm-preact-standalone.js';

/** A template of markup, in the language that was chosen. @param {TemplateStringsArray} parts @param {any[]} values @returns {any} */
export const html = (parts, ...values) => spoken(made(parts, ...values));
