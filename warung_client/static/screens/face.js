// One look into the camera: the pictures that must belong to a NIK.

import { takeFrames } from '../camera.js';
import { Key, Notice, Sign } from '../parts.js';
import { html } from '../view.js';
import { useCamera, Viewfinder } from '../viewfinder.js';
import { FACE_HINT, PICTURE_FAILED } from '../words.js';

/** @param {{busy: boolean, onFrames: (images: string[]) => Promise<void>}} props */
export function Face({ busy, onFrames }) {
  const camera = useCamera();

  async function take() {
    const images = await takeFrames(camera.video.current).catch(() => null);
    camera.tell({ problem: images ? null : PICTURE_FAILED });
    if (images) await onFrames(images);
  }

  return html`<div class="face"><${Notice} problem=${camera.problem} />
    <${Viewfinder} camera=${camera} />
    <p class="hint">${FACE_HINT}</p>
    <${Key} test="take-face" look="primary" once disabled=${!camera.ready || busy} onTap=${take}>
      <${Sign} name="camera" /><span>${busy ? 'Sebentar, sedang dikenali' : 'Ambil foto'}</span></${Key}>
  </div>`;
}
