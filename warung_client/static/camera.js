// Takes a few still pictures from the tablet's camera, small enough to send.

const FRAMES = 3;
const FRAME_GAP_MS = 150;
const SIDE_MAX = 640;
const FRAME_BYTES_MAX = 300 * 1024;
const QUALITIES = [0.85, 0.7, 0.5];

/** @returns {Promise<MediaStream>} rejects when the camera is refused or missing */
export async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error('no camera here');
  return navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } },
  });
}

/** @param {MediaStream|null} stream */
export function closeCamera(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/**
 * Width and height with the longer side at most SIDE_MAX, never enlarged.
 * @param {number} width @param {number} height
 */
export function fitted(width, height) {
  const scale = Math.min(1, SIDE_MAX / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/**
 * @param {HTMLVideoElement} video a playing preview
 * @returns {Promise<string[]>} base64 JPEG pictures
 */
export async function takeFrames(video) {
  const frames = [];
  for (let taken = 0; taken < FRAMES; taken += 1) {
    if (taken) await new Promise((resolve) => { setTimeout(resolve, FRAME_GAP_MS); });
    frames.push(await takeFrame(video));
  }
  return frames;
}

/** @param {HTMLVideoElement} video @returns {Promise<string>} */
async function takeFrame(video) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, fitted(video.videoWidth, video.videoHeight));
  canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', quality); });
    if (blob && blob.size < FRAME_BYTES_MAX) return base64(new Uint8Array(await blob.arrayBuffer()));
  }
  throw new Error('the picture stays too large');
}

/** @param {Uint8Array} bytes @returns {string} */
export function base64(bytes) {
  let text = '';
  for (let place = 0; place < bytes.length; place += 1) text += String.fromCharCode(bytes[place]);
  return btoa(text);
}
