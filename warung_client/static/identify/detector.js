// Looks for faces in the camera's picture: a worker with BlazeFace, opened once and kept while the till runs.

import { facesIn, SIDE } from './blazeface.js';

const OPEN_MS_MAX = 25_000; // a megabyte at a village's speed; until then light and sharpness are judged
const LOOK_MS_MAX = 4_000;

/** @typedef {{look: (video: HTMLVideoElement) => Promise<import('./blazeface.js').Found[]>}} Detector */

/** @type {Promise<Detector>|null} */
let opened = null;

/** @returns {Promise<Detector>} rejects where it cannot run; the next camera tries again */
export function openDetector() {
  opened ??= start().catch((failure) => {
    opened = null;
    throw failure;
  });
  return opened;
}

async function start() {
  const worker = new Worker(new URL('./detector_worker.js', import.meta.url));
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: SIDE, height: SIDE });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  await answer(worker, OPEN_MS_MAX).catch((failure) => {
    worker.terminate();
    throw failure;
  });
  return {
    /** Faces in pixels of the camera's picture. @param {HTMLVideoElement} video */
    async look(video) {
      const { videoWidth: width, videoHeight: height } = video;
      const scale = SIDE / Math.max(width, height);
      const [left, top] = [(SIDE - width * scale) / 2, (SIDE - height * scale) / 2];
      pen.clearRect(0, 0, SIDE, SIDE);
      pen.drawImage(video, left, top, width * scale, height * scale);
      const { data } = pen.getImageData(0, 0, SIDE, SIDE);
      const answered = answer(worker, LOOK_MS_MAX);
      worker.postMessage(data, [data.buffer]);
      const { tensors } = await answered;
      return facesIn(tensors).map(({ x, y, width: wide, height: high, points, score }) => ({
        x: (x - left) / scale, y: (y - top) / scale, width: wide / scale, height: high / scale, score,
        points: points.map(([px, py]) => /** @type {[number, number]} */ ([(px - left) / scale, (py - top) / scale])),
      }));
    },
  };
}

/** The worker's next word. @param {Worker} worker @param {number} msMax @returns {Promise<any>} */
function answer(worker, msMax) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the detector is silent')), msMax);
    worker.onmessage = ({ data }) => {
      clearTimeout(timer);
      if (data.failure) reject(new Error(data.failure));
      else resolve(data);
    };
    worker.onerror = (event) => {
      clearTimeout(timer);
      reject(new Error(event.message));
    };
  });
}
