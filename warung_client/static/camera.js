// Takes still pictures from the tablet's camera, small enough to send, and never mirrored.

const FRAMES = 3;
const FRAME_GAP_MS = 150;
const SIDE_MAX = 640;
const FRAME_BYTES_MAX = 300 * 1024;
const ALL_BYTES_MAX = 2 * 1024 * 1024;
const QUALITIES = [0.85, 0.7, 0.5, 0.3];

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
 * Width and height with the longer side at most SIDE_MAX, never enlarged.
 * @param {number} width @param {number} height
 */
export function fitted(width, height) {
  const scale = Math.min(1, SIDE_MAX / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Bytes one of so many frames may have, so that all together stay within the engine's limit. @param {number} count */
export function bytesEach(count) {
  return Math.min(FRAME_BYTES_MAX, Math.floor(ALL_BYTES_MAX / count)) - 1;
}

/**
 * @param {HTMLVideoElement} video a playing preview
 * @returns {Promise<string[]>} base64 JPEG pictures
 */
export async function takeFrames(video) {
  const frames = [];
  for (let taken = 0; taken < FRAMES; taken += 1) {
    if (taken) await pause(FRAME_GAP_MS);
    frames.push(await packed(drawn(video), bytesEach(FRAMES)));
  }
  return frames;
}

/**
 * The frames of a movement, the first ones looking straight.
 * @param {HTMLVideoElement} video a playing preview
 * @param {{turn: () => void, taken: (count: number) => void, wanted: () => boolean}} told
 * `turn` is the moment to ask for the movement; without anybody who wants them the frames end
 * @returns {Promise<string[]|null>}
 */
export async function takeTurn(video, { turn, taken, wanted }) {
  const frames = [];
  await pause(READY_MS);
  while (wanted() && frames.length < TURN_FRAMES) {
    if (frames.length === STILL_FRAMES) {
      turn();
      await pause(REACTION_MS);
    }
    const due = performance.now() + TURN_GAP_MS;
    frames.push(await packed(drawn(video), bytesEach(TURN_FRAMES)));
    if (wanted()) taken(frames.length);
    await pause(due - performance.now());
  }
  return wanted() ? frames : null;
}

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, Math.max(0, milliseconds)); });

/** What the camera sees this moment; CSS may mirror the preview, this is as the camera made it. @param {HTMLVideoElement} video */
function drawn(video) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, fitted(video.videoWidth, video.videoHeight));
  canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {number} bytesMax @returns {Promise<string>} */
async function packed(canvas, bytesMax) {
  for (const quality of QUALITIES) {
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', quality); });
    if (blob && blob.size <= bytesMax) return base64(new Uint8Array(await blob.arrayBuffer()));
  }
  throw new Error('the picture stays too large');
}

/** @param {Uint8Array} bytes @returns {string} */
export function base64(bytes) {
  let text = '';
  for (let place = 0; place < bytes.length; place += 1) text += String.fromCharCode(bytes[place]);
  return btoa(text);
}
