// One look into the camera: the pictures that must belong to a NIK.

import { takeFrames } from '../camera.js';
import { Gate, mayTake } from '../identify/guide.js';
import { useGate } from '../identify/gating.js';
import { Key, Notice, Sign } from '../parts.js';
import { html } from '../view.js';
import { useCamera, Viewfinder } from '../viewfinder.js';
import { FACE_HINT, PICTURE_FAILED } from '../words.js';

/** @param {{busy: boolean, onFrames: (images: string[]) => Promise<void>}} props */
export function Face({ busy, onFrames }) {
  const camera = useCamera();
  const gate = useGate(camera, { looks: !busy, speaks: !busy });

  async function take() {
    const images = await takeFrames(camera.video.current, { latest: gate.latest }).catch(() => null);
    camera.tell({ problem: images ? null : PICTURE_FAILED });
    if (images) await onFrames(images);
  }

  return html`<div class="face"><${Notice} problem=${camera.problem} />
    <${Viewfinder} camera=${camera} />
    <${Gate} gate=${gate} />
    <p class="hint">${FACE_HINT}</p>
    <${Key} test="take-face" look="primary" once disabled=${!camera.ready || busy || !mayTake(gate)} onTap=${take}>
      <${Sign} name="camera" /><span>${busy ? 'Sebentar, sedang dikenali' : 'Ambil foto'}</span></${Key}>
  </div>`;
}
