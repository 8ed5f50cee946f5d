// PINDAI: the camera looks for a barcode; each one found goes into the basket at once.

import { closeCamera, openCamera } from '../camera.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { openReader } from '../selling/reader.js';
import { html, useEffect, useRef, useState } from '../view.js';
import { CAMERA_OFF } from '../words.js';
import { SCAN_HINT, SCAN_STARTING, SCAN_TITLE } from '../words/cash.js';
import { scanned } from '../words/selling.js';

const LOOK_EVERY_MS = 120;
const SAME_AGAIN_MS = 2_000; // the pack is still before the camera: not a second one

/** Looks until the screen closes. @param {{current: any}} video @param {(text: string) => void} onRead @param {(changes: object) => void} tell */
function useLooking(video, onRead, tell) {
  useEffect(() => {
    let gone = false;
    /** @type {MediaStream|null} */
    let stream = null;
    /** @type {import('../selling/reader.js').Reader|null} */
    let reader = null;
    let last = { text: '', atMs: -SAME_AGAIN_MS };

    async function look() {
      const text = video.current?.videoWidth && reader ? await reader.read(video.current) : null;
      if (gone) return;
      if (text && (text !== last.text || performance.now() - last.atMs > SAME_AGAIN_MS)) onRead(text);
      if (text) last = { text, atMs: performance.now() };
      setTimeout(look, LOOK_EVERY_MS);
    }

    async function begin() {
      stream = await openCamera('environment');
      if (gone) return closeCamera(stream);
      video.current.srcObject = stream;
      reader = await openReader();
      if (gone) return reader.close();
      tell({ ready: true });
      return look();
    }

    begin().catch(() => { if (!gone) tell({ problem: CAMERA_OFF }); });
    return () => { gone = true; closeCamera(stream); reader?.close(); };
  }, []);
}

/** @param {any} props */
export function Screen({ state, act }) {
  const video = useRef(null);
  const [seen, setSeen] = useState({ ready: false, problem: null });
  useLooking(video, act.scan, (changes) => setSeen((/** @type {any} */ old) => ({ ...old, ...changes })));
  const newest = state.cart.before?.kind === 'ADDED' || state.cart.before?.kind === 'CHANGED' ? state.cart.before.name : '';
  return html`<div class="scan"><${Heading} title=${SCAN_TITLE} onBack=${act.toCart} />
    <${Notice} problem=${state.problem ?? seen.problem} />
    <div class="lens"><video ref=${video} autoplay playsinline muted></video></div>
    <p class="hint" role="status">${seen.ready ? SCAN_HINT : SCAN_STARTING}</p>
    ${newest && html`<p class="scanned" role="status" data-test="scanned"><${Sign} name="check" /><span>${scanned(newest)}</span></p>`}
    <div class="foot"><${Key} test="scan-done" look="primary" onTap=${act.toCart}>Selesai, ${state.cart.lines.length} barang</${Key}></div>
  </div>`;
}
