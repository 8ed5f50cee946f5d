// Looks for faces in the camera's picture: a worker with BlazeFace, opened once and kept while the till runs.

import { facesIn, lookedAt } from './blazeface.js';

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
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  await answer(worker, OPEN_MS_MAX).catch((failure) => {
    worker.terminate();
    throw failure;
  });
  return {
    /** Faces in pixels of the camera's picture. @param {HTMLVideoElement} video */
    async look(video) {
      const { videoWidth: width, videoHeight: height } = video;
      const { width: across, height: down, scale } = lookedAt(width, height);
      if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down }); // clears it
      const [left, top] = [(across - width * scale) / 2, (down - height * scale) / 2];
      pen.drawImage(video, left, top, width * scale, height * scale);
      const { data } = pen.getImageData(0, 0, across, down);
      const answered = answer(worker, LOOK_MS_MAX);
      worker.postMessage({ data, width: across, height: down }, [data.buffer]);
      const { tensors } = await answered;
      return facesIn(tensors, across).map(({ x, y, width: wide, height: high, points, score }) => ({
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
