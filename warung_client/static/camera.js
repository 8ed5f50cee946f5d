// Takes still pictures from the tablet's camera, cut around the face, small enough to send, and never mirrored.

import { changed, cropAround } from './identify/gate.js';

/** Of the camera's picture, in its pixels. @typedef {{x: number, y: number, width: number, height: number}} Part */

const FRAMES = 3;
const FRAME_GAP_MS = 150;
const POSE_MS_MAX = 1_000; // for the head to move a little; then the picture is taken as it is
const FIRST_MS_MAX = 1_500;
const LOOK_MS = 60;
const SIDES = [480, 400, 320]; // of a picture that is sent, the largest first
export const SERIES_BYTES_MAX = 200 * 1024; // of all pictures of one look together
const QUALITIES = [0.85, 0.7, 0.55];

// A movement: two frames looking straight, then nine of the turn, about five a second.
const STILL_FRAMES = 2;
export const TURN_FRAMES = 11;
const TURN_GAP_MS = 220;
const READY_MS = 900; // to read "look straight" and do so
const REACTION_MS = 300; // nobody moves yet: a frame here would be wasted

/**
 * @param {'user'|'environment'} facing the camera beside the screen, or the one on the back
 * @returns {Promise<MediaStream>} rejects when the camera is refused or missing
 */
export async function openCamera(facing) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error('no camera here');
  return navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: facing, width: { ideal: 640 }, height: { ideal: 480 } },
  });
}

/** @param {MediaStream|null} stream */
export function closeCamera(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Does whoever stands before this camera see the screen? A camera that does not say: yes. @param {MediaStream} stream */
export function besideScreen(stream) {
  return stream.getVideoTracks()[0]?.getSettings().facingMode !== 'environment';
}

/** @returns {Promise<boolean>} is there a second camera to change to */
export async function severalCameras() {
  const found = await navigator.mediaDevices.enumerateDevices?.() ?? [];
  return found.filter(({ kind }) => kind === 'videoinput').length > 1;
}

/**
 * Width and height with the longer side at most so long, never enlarged.
 * @param {number} width @param {number} height @param {number} [sideMax]
 */
export function fitted(width, height, sideMax = SIDES[0]) {
  const scale = Math.min(1, sideMax / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Bytes one of so many pictures may have. @param {number} count */
export const bytesEach = (count) => Math.floor(SERIES_BYTES_MAX / count) - 1;

/**
 * Three pictures, each with the head held a little otherwise, all cut around the face of the first.
 * Without a gate that sees faces: three one after the other, as the camera makes them.
 * @param {HTMLVideoElement} video a playing preview
 * @param {{latest?: {current: import('./identify/gating.js').Look|null}, wanted?: () => boolean, ask?: () => void}} [around]
 * `ask` is the moment to ask for another pose
 * @returns {Promise<string[]>} base64 JPEG pictures, at most SERIES_BYTES_MAX together
 */
export async function takeFrames(video, { latest = { current: null }, wanted = () => true, ask = () => {} } = {}) {
  const first = await until(() => latest.current?.code === 'OK', latest.current?.face ? FIRST_MS_MAX : 0);
  const crop = latest.current?.face ? cropAround(latest.current.face, latest.current.frame) : null;
  const poses = latest.current?.pose ? [latest.current.pose] : [];
  const frames = [drawn(video, crop)];
  while (wanted() && frames.length < FRAMES) {
    if (first && poses.length === 1) ask();
    const seen = () => latest.current?.pose && changed(latest.current.pose, poses);
    await (poses.length ? until(seen, POSE_MS_MAX) : pause(FRAME_GAP_MS));
    if (latest.current?.pose) poses.push(latest.current.pose);
    frames.push(drawn(video, crop));
  }
  return Promise.all(frames.map((frame) => packed(frame, bytesEach(FRAMES))));
}

/**
 * The frames of a movement, the first ones looking straight.
 * @param {HTMLVideoElement} video a playing preview
 * @param {{turn: () => void, taken: (count: number) => void, wanted: () => boolean, crop?: Part|null}} told
 * `turn` is the moment to ask for the movement; without anybody who wants them the frames end; `crop` is the same for all
 * @returns {Promise<string[]|null>}
 */
export async function takeTurn(video, { turn, taken, wanted, crop = null }) {
  const frames = [];
  await pause(READY_MS);
  while (wanted() && frames.length < TURN_FRAMES) {
    if (frames.length === STILL_FRAMES) {
      turn();
      await pause(REACTION_MS);
    }
    const due = performance.now() + TURN_GAP_MS;
    frames.push(drawn(video, crop)); // packed afterwards: on a slow tablet the next one would come late
    if (wanted()) taken(frames.length);
    await pause(due - performance.now());
  }
  return wanted() ? Promise.all(frames.map((frame) => packed(frame, bytesEach(TURN_FRAMES)))) : null;
}

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, Math.max(0, milliseconds)); });

/** True as soon as it holds; false when it did not in time. @param {() => any} holds @param {number} msMax */
async function until(holds, msMax) {
  const end = performance.now() + msMax;
  while (!holds()) {
    if (performance.now() >= end) return false;
    await pause(LOOK_MS);
  }
  return true;
}

/**
 * What the camera sees this moment, or a part of it; CSS may mirror the preview, this is as the camera made it.
 * @param {HTMLVideoElement} video @param {Part|null} part
 */
function drawn(video, part) {
  const { x, y, width, height } = part ?? { x: 0, y: 0, width: video.videoWidth, height: video.videoHeight };
  const canvas = document.createElement('canvas');
  Object.assign(canvas, fitted(width, height));
  canvas.getContext('2d')?.drawImage(video, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Sharp before large: the size gives way last. @param {HTMLCanvasElement} canvas @param {number} bytesMax @returns {Promise<string>} */
async function packed(canvas, bytesMax) {
  for (const side of SIDES) {
    const picture = smaller(canvas, side);
    for (const quality of QUALITIES) {
      const blob = await new Promise((resolve) => { picture.toBlob(resolve, 'image/jpeg', quality); });
      if (blob && blob.size <= bytesMax) return base64(new Uint8Array(await blob.arrayBuffer()));
    }
  }
  throw new Error('the picture stays too large');
}

/** @param {HTMLCanvasElement} canvas @param {number} sideMax @returns {HTMLCanvasElement} */
function smaller(canvas, sideMax) {
  const size = fitted(canvas.width, canvas.height, sideMax);
  if (size.width === canvas.width) return canvas;
  const picture = document.createElement('canvas');
  Object.assign(picture, size);
  picture.getContext('2d')?.drawImage(canvas, 0, 0, size.width, size.height);
  return picture;
}

/** @param {Uint8Array} bytes @returns {string} */
export function base64(bytes) {
  let text = '';
  for (let place = 0; place < bytes.length; place += 1) text += String.fromCharCode(bytes[place]);
  return btoa(text);
}
