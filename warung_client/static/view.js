// The one place that names the vendored view library: markup and hooks for every screen.
export {
  html, render, useState, useEffect, useRef, useMemo,
} from './vendor/htm-preact-standalone.js';
