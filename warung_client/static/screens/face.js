// The camera preview with its oval, and the key that takes the pictures.

import { closeCamera, openCamera, takeFrames } from '../camera.js';
import { Key, Notice, Sign } from '../parts.js';
import { html, useEffect, useRef, useState } from '../view.js';
import { CAMERA_OFF, PICTURE_FAILED } from '../words.js';

/** @param {{busy: boolean, onFrames: (images: string[]) => Promise<void>}} props */
export function Face({ busy, onFrames }) {
  const video = useRef(null);
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState(null);

  useEffect(() => {
    let stream = null;
    let gone = false;
    openCamera().then((opened) => {
      stream = opened;
      if (gone) closeCamera(stream);
      else video.current.srcObject = stream;
    }).catch(() => { if (!gone) setProblem(CAMERA_OFF); });
    return () => { gone = true; closeCamera(stream); };
  }, []);

  async function take() {
    let images;
    try {
      images = await takeFrames(video.current);
    } catch {
      setProblem(PICTURE_FAILED);
      return;
    }
    setProblem(null);
    await onFrames(images);
  }

  return html`<div class="face"><${Notice} problem=${problem} />
    <div class="camera"><video ref=${video} autoplay playsinline muted onPlaying=${() => setReady(true)}></video>
      <svg class="oval" viewBox="0 0 640 480" aria-hidden="true"><path fill-rule="evenodd" d="M0 0H640V480H0Z M320 40c-92 0-150 88-150 196s62 204 150 204 150-96 150-204S412 40 320 40Z" /><ellipse cx="320" cy="240" rx="150" ry="200" /></svg></div>
    <p class="hint">Wajah di dalam garis, lihat ke kamera. Kerudung tidak perlu dibuka.</p>
    <${Key} test="take-face" look="primary" once disabled=${!ready || busy} onTap=${take}>
      <${Sign} name="camera" /><span>${busy ? 'Sebentar, sedang dikenali' : 'Ambil foto'}</span></${Key}>
  </div>`;
}
