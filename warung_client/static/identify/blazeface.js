// What BlazeFace's four tensors mean: boxes and six points of each face, in pixels of its square picture.

export const SIDE = 256;
const GRIDS = [{ cells: 16, each: 2 }, { cells: 8, each: 6 }]; // 512 anchors, then 384
const NUMBERS = 16; // of a face: x, y, width, height, six points
const POINTS = 6; // right eye, left eye, nose, mouth, right ear, left ear (the person's own right)
const SCORE_MIN = 0.6;
const HEAD = 1.4; // the model's box is brow to chin; a head is so much larger (Human's own factor)
const OVERLAP_MAX = 0.3;

/** @typedef {{x: number, y: number, width: number, height: number, points: [number, number][], score: number}} Found */

/** @type {[number, number][]} middles of the anchors, in the order of the tensors */
const ANCHORS = GRIDS.flatMap(({ cells, each }) => {
  const stride = SIDE / cells;
  return Array.from({ length: cells * cells * each }, (_, place) => {
    const cell = Math.floor(place / each);
    return /** @type {[number, number]} */ ([stride * ((cell % cells) + 0.5), stride * (Math.floor(cell / cells) + 0.5)]);
  });
});

/**
 * @param {Float32Array[]} tensors sorted by their length: 384 and 512 scores, then their numbers
 * @returns {Found[]} the surest first, one for each face
 */
export function facesIn([scoresFew, scoresMany, few, many]) {
  const half = scoresMany.length;
  const found = [];
  for (let place = 0; place < ANCHORS.length; place += 1) {
    const logit = place < half ? scoresMany[place] : scoresFew[place - half];
    const score = 1 / (1 + Math.exp(-logit));
    if (score >= SCORE_MIN) found.push(face(ANCHORS[place], place < half ? many : few, place < half ? place : place - half, score));
  }
  return apart(found.sort((one, other) => other.score - one.score));
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
