// What BlazeFace's four tensors mean: boxes and six points of each face, in pixels of the picture it was given.

/**
 * Its layers slide over any picture whose sides are multiples of STEP, so the camera's 4:3 spares a quarter of the square
 * that it was trained on. At 192 x 160 its boxes are too loose: a head that turns was cut out badly and taken for covered.
 */
export const LONG_SIDE = 256;
const STEP = 32;
const GRIDS = [{ stride: 16, each: 2 }, { stride: STEP, each: 6 }]; // the finer anchors first
const NUMBERS = 16; // of a face: x, y, width, height, six points
const POINTS = 6; // right eye, left eye, nose, mouth, right ear, left ear (the person's own right)
const SCORE_MIN = 0.6;
const HEAD = 1.4; // the model's box is brow to chin; a head is so much larger (Human's own factor)
const OVERLAP_MAX = 0.3;

/** @typedef {{x: number, y: number, width: number, height: number, points: [number, number][], score: number}} Found */

/**
 * The picture that is looked at: the camera's shape, its longer side LONG_SIDE, rounded up to whole steps.
 * @param {number} width @param {number} height of the camera's picture @returns {{width: number, height: number, scale: number}}
 */
export function lookedAt(width, height) {
  const scale = LONG_SIDE / Math.max(width, height);
  const whole = (/** @type {number} */ side) => Math.ceil((side * scale) / STEP - 1e-9) * STEP;
  return { width: whole(width), height: whole(height), scale };
}

/**
 * @param {Float32Array[]} tensors sorted by their length: the coarse grid's scores, the fine grid's, then their numbers
 * @param {number} width of the picture that was looked at
 * @returns {Found[]} the surest first, one for each face
 */
export function facesIn([scoresFew, scoresMany, few, many], width) {
  const [fine, coarse] = GRIDS;
  const found = [...inGrid(fine, scoresMany, many, width), ...inGrid(coarse, scoresFew, few, width)];
  return apart(found.sort((one, other) => other.score - one.score));
}

/** @param {{stride: number, each: number}} grid @param {Float32Array} scores @param {Float32Array} numbers @param {number} width */
function inGrid({ stride, each }, scores, numbers, width) {
  const columns = width / stride;
  const found = [];
  for (let place = 0; place < scores.length; place += 1) {
    const score = 1 / (1 + Math.exp(-scores[place]));
    if (score < SCORE_MIN) continue;
    const cell = Math.floor(place / each);
    found.push(face([stride * ((cell % columns) + 0.5), stride * (Math.floor(cell / columns) + 0.5)], numbers, place, score));
  }
  return found;
}

/** @param {[number, number]} anchor @param {Float32Array} numbers @param {number} row @param {number} score @returns {Found} */
function face([anchorX, anchorY], numbers, row, score) {
  const at = (/** @type {number} */ place) => numbers[row * NUMBERS + place];
  const [width, height] = [at(2) * HEAD, at(3) * HEAD];
  const points = Array.from({ length: POINTS }, (_, point) => /** @type {[number, number]} */ (
    [anchorX + at(4 + 2 * point), anchorY + at(5 + 2 * point)]));
  return { x: anchorX + at(0) - width / 2, y: anchorY + at(1) - height / 2, width, height, points, score };
}

/** One of each heap that lies over each other. @param {Found[]} sorted @returns {Found[]} */
function apart(sorted) {
  /** @type {Found[]} */
  const kept = [];
  for (const each of sorted) if (kept.every((other) => overlap(each, other) <= OVERLAP_MAX)) kept.push(each);
  return kept;
}

/** Shared area of two boxes over all of their area. @param {Found} one @param {Found} other */
export function overlap(one, other) {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (one.width * one.height + other.width * other.height - shared);
}
