// The open camera behind a preview, and the preview with its oval, ring and arrow.

import { besideScreen, closeCamera, openCamera, severalCameras } from './camera.js';
import { Key, Sign } from './parts.js';
import { html, useEffect, useRef, useState } from './view.js';
import { CAMERA_OFF } from './words.js';

const OPENING = { ready: false, problem: null, mirrored: true, several: false };

/** Opens a camera for as long as the screen stands. */
export function useCamera() {
  const video = useRef(null);
  const [facing, setFacing] = useState(/** @type {'user'|'environment'} */ ('user'));
  const [seen, setSeen] = useState(OPENING);
  const tell = (changes) => setSeen((old) => ({ ...old, ...changes }));
  useEffect(() => {
    let stream = null;
    let gone = false;
    tell({ ready: false, problem: null });
    openCamera(facing).then(async (opened) => {
      stream = opened;
      if (gone) return closeCamera(stream);
      video.current.srcObject = stream;
      const several = await severalCameras();
      return gone || tell({ several, mirrored: besideScreen(opened) });
    }).catch(() => { if (!gone) tell({ problem: CAMERA_OFF }); });
    return () => { gone = true; closeCamera(stream); };
  }, [facing]);
  return {
    ...seen, video, tell,
    change: () => setFacing(facing === 'user' ? 'environment' : 'user'),
  };
}

/**
 * The preview is mirrored only for somebody who sees herself in it.
 * @param {{camera: any, share?: number, arrow?: 'left'|'right'|null, fixed?: boolean}} props
 * `share` of the frames taken so far; `arrow` is a side of the screen; `fixed` while frames are taken
 */
export function Viewfinder({ camera, share = 0, arrow = null, fixed = false }) {
  return html`<div class="camera">
    <video ref=${camera.video} class=${camera.mirrored ? 'mirrored' : ''} autoplay playsinline muted
      onPlaying=${() => camera.tell({ ready: true })}></video>
    <svg class="oval" viewBox="0 0 640 480" aria-hidden="true">
      <path class="shade" fill-rule="evenodd" d="M0 0H640V480H0Z M320 40a150 200 0 0 1 0 400a150 200 0 0 1 0-400Z" />
      <path class="rim" d="M320 40a150 200 0 0 1 0 400a150 200 0 0 1 0-400Z" />
      ${share > 0 && html`<path class="ring" data-test="ring" pathLength="100" stroke-dasharray=${`${share * 100} 100`}
        d="M320 40a150 200 0 0 1 0 400a150 200 0 0 1 0-400Z" />`}
      ${arrow && html`<path class="arrow" data-test=${`arrow-${arrow}`} d="M150 208H92V160L14 240l78 80v-48h58Z"
        transform=${arrow === 'right' ? 'translate(640 0) scale(-1 1)' : undefined} />`}
    </svg>
    ${camera.several && !fixed && html`<${Key} test="change-camera" look="change" aria-label="Ganti kamera" onTap=${camera.change}>
      <${Sign} name="turn" /><span>Ganti</span></${Key}>`}
  </div>`;
}
