// Is this picture worth sending: one face, near enough, lit, sharp, straight. What to change if not.

/** Shares are of the frame's height. @typedef {import('./blazeface.js').Found} Found */
/** @typedef {'NO_FACE'|'SEVERAL'|'CLOSER'|'BACK'|'DARK'|'BRIGHT'|'STRAIGHT'|'BLURRED'|'OK'} Code */
/** @typedef {{yaw: number, pitch: number, roll: number}} Pose */
/**
 * `faces` is null while no detector runs: then light and sharpness alone are judged.
 * @typedef {{faces: Found[]|null, frameHeight: number, luma: number, sharp: number}} Seen
 */

export const FACE_SHARE_MIN = 0.21; // of a head: some 36 pixels between the eyes of 480 lines; the engine needs 32
export const FACE_SHARE_MAX = 0.9;
export const LUMA_MIN = 60;
export const LUMA_MAX = 200;
export const SHARP_MIN = 12; // variance of the Laplacian of a face 112 pixels wide; a blur of two pixels falls under it
export const YAW_MAX = 0.35; // nose beside the middle of the eyes, as a share of their distance
export const PITCH_MIN = 0.2; // nose between eyes and mouth
export const PITCH_MAX = 0.85;
export const ROLL_MAX_DEGREES = 15;
export const POSE_CHANGED_MIN = 0.07; // of yaw or pitch: seen, and still a face to be recognised
const SECOND_FACE_SHARE = 0.4; // a smaller one stands behind in the queue

/** @param {Seen} seen @returns {Code} */
export function judge({ faces, frameHeight, luma, sharp }) {
  const light = luma < LUMA_MIN ? 'DARK' : luma > LUMA_MAX ? 'BRIGHT' : null;
  if (!faces) return light ?? (sharp < SHARP_MIN ? 'BLURRED' : 'OK');
  if (!faces.length) return light ?? 'NO_FACE';
  const [largest, second] = [...faces].sort((one, other) => other.height - one.height);
  if (second && second.height >= largest.height * SECOND_FACE_SHARE) return 'SEVERAL';
  const share = largest.height / frameHeight;
  if (share < FACE_SHARE_MIN) return 'CLOSER';
  if (share > FACE_SHARE_MAX) return 'BACK';
  if (light) return light;
  if (!straight(poseOf(largest))) return 'STRAIGHT';
  return sharp < SHARP_MIN ? 'BLURRED' : 'OK';
}

/** The largest face: whoever stands before the tablet. @param {Found[]|null} faces @returns {Found|null} */
export const nearest = (faces) => (faces ?? []).reduce(
  (/** @type {Found|null} */ best, each) => (!best || each.height > best.height ? each : best), null,
);

/** How the head is held, from eyes, nose and mouth. @param {Found} found @returns {Pose} */
export function poseOf({ points: [right, left, nose, mouth] }) {
  const across = [left[0] - right[0], left[1] - right[1]];
  const distance = Math.hypot(across[0], across[1]) || 1;
  const [ex, ey] = [across[0] / distance, across[1] / distance];
  const middle = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  const along = (/** @type {number[]} */ point) => (point[0] - middle[0]) * ex + (point[1] - middle[1]) * ey;
  const down = (/** @type {number[]} */ point) => (point[1] - middle[1]) * ex - (point[0] - middle[0]) * ey;
  return {
    yaw: along(nose) / distance,
    pitch: down(nose) / (down(mouth) || 1),
    roll: (Math.atan2(across[1], across[0]) * 180) / Math.PI,
  };
}

/** @param {Pose} pose */
export const straight = ({ yaw, pitch, roll }) => Math.abs(yaw) <= YAW_MAX
  && pitch >= PITCH_MIN && pitch <= PITCH_MAX && Math.abs(roll) <= ROLL_MAX_DEGREES;

/** Has the head moved since each of these. @param {Pose} pose @param {Pose[]} before */
export const changed = (pose, before) => before.every((each) => (
  Math.abs(pose.yaw - each.yaw) >= POSE_CHANGED_MIN || Math.abs(pose.pitch - each.pitch) >= POSE_CHANGED_MIN));

/**
 * Mean light of a region, 0 to 255.
 * @param {{data: Uint8ClampedArray}} picture RGBA
 */
export function lumaOf({ data }) {
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += grey(data, at);
  return sum / (data.length / 4 || 1);
}

/** Variance of the Laplacian: small where nothing has an edge. @param {{data: Uint8ClampedArray, width: number, height: number}} picture RGBA */
export function sharpnessOf({ data, width, height }) {
  let [count, sum, squares] = [0, 0, 0];
  const plane = new Float32Array(width * height);
  for (let at = 0; at < plane.length; at += 1) plane[at] = grey(data, at * 4);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const edge = plane[at - 1] + plane[at + 1] + plane[at - width] + plane[at + width] - 4 * plane[at];
      count += 1;
      sum += edge;
      squares += edge * edge;
    }
  }
  return count ? squares / count - (sum / count) ** 2 : 0;
}

/** @param {Uint8ClampedArray} data @param {number} at */
const grey = (data, at) => 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];

/**
 * The square around a face that all pictures of a series are cut to: hair, chin and a turn of the head fit.
 * @param {Found} found @param {{width: number, height: number}} frame @param {number} [times] of the face's height
 * @returns {{x: number, y: number, width: number, height: number}}
 */
export function cropAround(found, frame, times = 2.2) {
  const side = Math.min(found.height * times, frame.width, frame.height);
  const within = (/** @type {number} */ middle, /** @type {number} */ most) => Math.max(0, Math.min(middle - side / 2, most - side));
  return {
    x: Math.round(within(found.x + found.width / 2, frame.width)),
    y: Math.round(within(found.y + found.height / 2, frame.height)),
    width: Math.floor(side), height: Math.floor(side),
  };
}
