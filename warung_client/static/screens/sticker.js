// The card's sticker before the camera: read again and again until a code is found.

import { closeCamera, openCamera } from '../camera.js';
import { Notice } from '../parts.js';
import { openReader } from '../selling/reader.js';
import { html, useEffect, useRef, useState } from '../view.js';
import { CAMERA_OFF } from '../words.js';
import { CARD_CAMERA_HINT } from '../words/identify.js';

const LOOK_EVERY_MS = 150;

/** The camera looks for the sticker until it is read. @param {{onRead: (text: string) => void}} props */
export function Sticker({ onRead }) {
  const video = useRef(/** @type {any} */ (null));
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  useEffect(() => {
    let gone = false;
    /** @type {MediaStream|null} */
    let stream = null;
    /** @type {import('../selling/reader.js').Reader|null} */
    let reader = null;
    async function look() {
      const text = video.current?.videoWidth && reader ? await reader.read(video.current).catch(() => null) : null;
      if (gone) return;
      if (text) onRead(text);
      setTimeout(look, text ? LOOK_EVERY_MS * 10 : LOOK_EVERY_MS);
    }
    async function begin() {
      stream = await openCamera('environment');
      if (gone) return closeCamera(stream);
      video.current.srcObject = stream;
      reader = await openReader();
      return gone ? reader.close() : look();
    }
    begin().catch(() => { if (!gone) setProblem(CAMERA_OFF); });
    return () => { gone = true; closeCamera(stream); reader?.close(); };
  }, []);
  return html`<${Notice} problem=${problem} />
    <div class="looking"><video ref=${video} autoplay playsinline muted data-test="sticker-camera"></video></div>
    <p class="hint" role="status">${CARD_CAMERA_HINT}</p>`;
}
