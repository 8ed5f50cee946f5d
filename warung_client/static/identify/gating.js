// Watches the open camera and says what to change before a picture is taken; without a detector light and sharpness alone.

import { tell } from '../sound.js';
import { useEffect, useRef, useState } from '../view.js';
import { CORRECTIONS } from '../words/identify.js';
import { openDetector } from './detector.js';
import { judge, lumaOf, nearest, poseOf, sharpnessOf } from './gate.js';

const REST_MS = 40; // between two looks: the screen draws, keys are heard
const TELL_EVERY_MS = 4_000;
const FREE_AFTER_MS = 8_000; // then a picture may be taken as it is: the engine looks at it too
const FAILS_MAX = 3;
const MEASURED_PX = 112; // the face's width when its sharpness is measured, whatever the distance

/**
 * One look. `face` and `pose` are of the nearest face, in pixels of the camera's picture.
 * @typedef {{code: import('./gate.js').Code, face: import('./blazeface.js').Found|null, pose: import('./gate.js').Pose|null, frame: {width: number, height: number}, atMs: number}} Look
 */

/** @type {{code: import('./gate.js').Code|null, free: boolean, detects: boolean, looks: number}} */
const BEGINNING = { code: null, free: false, detects: false, looks: 0 };

/**
 * @param {any} camera of useCamera
 * @param {{looks: boolean, speaks: boolean}} on a movement has the tablet's whole strength: nobody looks meanwhile
 * @returns {{code: import('./gate.js').Code|null, free: boolean, detects: boolean, looks: number, latest: {current: Look|null}}}
 */
export function useGate(camera, on) {
  const [said, setSaid] = useState(BEGINNING);
  const latest = useRef(/** @type {Look|null} */ (null));
  const wanted = useRef(on);
  wanted.current = on;
  useEffect(() => {
    if (!camera.ready) return undefined;
    let gone = false;
    watch(camera.video.current, () => gone, wanted, (look, changes) => {
      latest.current = look;
      setSaid((old) => ({ ...old, ...changes, looks: old.looks + 1 }));
    });
    return () => { gone = true; };
  }, [camera.ready, camera.mirrored]);
  return { ...said, latest };
}

/** @param {HTMLVideoElement} video @param {() => boolean} gone @param {{current: {looks: boolean, speaks: boolean}}} on @param {(look: Look, changes: object) => void} told */
async function watch(video, gone, on, told) {
  /** @type {import('./detector.js').Detector|null} */
  let detector = null;
  let fails = 0;
  let wrongSince = 0;
  let toldAt = -TELL_EVERY_MS;
  openDetector().then((opened) => { detector = opened; }).catch((failure) => console.error(failure));
  const measure = measuring();
  /** @type {Promise<import('./blazeface.js').Found[]|null>|null} */
  let next = null;
  const begin = () => (detector && fails < FAILS_MAX && video.videoWidth ? detector.look(video).catch(() => { fails += 1; return null; }) : null);
  while (!gone()) {
    if (!on.current.looks) {
      next = null;
      await pause(REST_MS * 3);
      continue;
    }
    const faces = await (next ?? begin());
    if (gone()) return;
    next = on.current.looks ? begin() : null; // the worker looks at the next picture while this one is judged
    if (video.videoWidth) {
      const look = lookedAt(video, faces, measure);
      const good = look.code === 'OK';
      wrongSince = good ? 0 : wrongSince || look.atMs;
      told(look, { code: look.code, detects: Boolean(faces), free: !good && look.atMs - wrongSince > FREE_AFTER_MS });
      if (!good && on.current.speaks && look.atMs - wrongSince > 1_000 && look.atMs - toldAt > TELL_EVERY_MS) {
        toldAt = look.atMs;
        tell(CORRECTIONS[look.code].clip).catch(() => {}); // a tablet without sound
      }
    }
    await pause(REST_MS);
  }
}

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** @param {HTMLVideoElement} video @param {import('./blazeface.js').Found[]|null} faces @param {ReturnType<typeof measuring>} measure @returns {Look} */
function lookedAt(video, faces, measure) {
  const frame = { width: video.videoWidth, height: video.videoHeight };
  const face = nearest(faces);
  const picture = measure(video, face ?? middle(frame));
  const code = judge({ faces, frameHeight: frame.height, luma: lumaOf(picture), sharp: sharpnessOf(picture) });
  return { code, face, pose: face && poseOf(face), frame, atMs: performance.now() };
}

/** Where the oval is drawn. @param {{width: number, height: number}} frame */
const middle = ({ width, height }) => ({ x: width / 2 - height / 4, y: height / 4, width: height / 2, height: height / 2 });

/** A part of the camera's picture, always as many pixels wide. */
function measuring() {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: MEASURED_PX, height: MEASURED_PX });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  return (/** @type {HTMLVideoElement} */ video, /** @type {{x: number, y: number, width: number, height: number}} */ part) => {
    pen.drawImage(video, part.x, part.y, part.width, part.height, 0, 0, MEASURED_PX, MEASURED_PX);
    return pen.getImageData(0, 0, MEASURED_PX, MEASURED_PX);
  };
}
