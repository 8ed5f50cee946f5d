// The gate before the camera: which picture is worth sending, and what to change if it is not.

import assert from 'node:assert/strict';
import test from 'node:test';

import { facesIn, lookedAt, overlap } from '../../warung_client/static/identify/blazeface.js';
import { bytesEach, fitted, SERIES_BYTES_MAX, TURN_FRAMES } from '../../warung_client/static/camera.js';
import {
  changed, cropAround, judge, lumaOf, nearest, poseOf, sharpnessOf, SHARP_MIN, straight,
} from '../../warung_client/static/identify/gate.js';

/** A face looking straight, its height as a share of a frame of 480. @param {number} share @param {object} [changes] @returns {any} */
function face(share, changes = {}) {
  const height = share * 480;
  const [x, y] = [320 - height / 2, 240 - height / 2];
  const at = (/** @type {number} */ across, /** @type {number} */ down) => [x + across * height, y + down * height];
  return { x, y, width: height, height, score: 0.9, points: [at(0.3, 0.35), at(0.7, 0.35), at(0.5, 0.55), at(0.5, 0.75), at(0.05, 0.4), at(0.95, 0.4)], ...changes };
}
const seen = (/** @type {any[]|null} */ faces, changes = {}) => ({ faces, frameHeight: 480, luma: 120, sharp: 300, ...changes });

test('a lit, sharp, straight face near enough is good', () => assert.equal(judge(seen([face(0.4)])), 'OK'));

test('each fault has its own correction', () => {
  assert.equal(judge(seen([])), 'NO_FACE');
  assert.equal(judge(seen([face(0.4), face(0.3)])), 'SEVERAL');
  assert.equal(judge(seen([face(0.18)])), 'CLOSER');
  assert.equal(judge(seen([face(0.95)])), 'BACK');
  assert.equal(judge(seen([face(0.4)], { luma: 40 })), 'DARK');
  assert.equal(judge(seen([face(0.4)], { luma: 230 })), 'BRIGHT');
  assert.equal(judge(seen([face(0.4)], { sharp: SHARP_MIN - 1 })), 'BLURRED');
  const turned = face(0.4);
  turned.points[2][0] += 60;
  assert.equal(judge(seen([turned])), 'STRAIGHT');
});

test('in the dark nobody is told to look straight', () => assert.equal(judge(seen([], { luma: 12 })), 'DARK'));

test('somebody who waits behind does not stop her', () => {
  assert.equal(judge(seen([face(0.5), face(0.15)])), 'OK');
  assert.equal(nearest([face(0.15), face(0.5)])?.height, 240);
  assert.equal(nearest(null), null);
});

test('without a detector light and sharpness are judged', () => {
  assert.equal(judge(seen(null)), 'OK');
  assert.equal(judge(seen(null, { luma: 20 })), 'DARK');
  assert.equal(judge(seen(null, { sharp: 1 })), 'BLURRED');
});

test('a head that turns, nods or tilts is told apart', () => {
  const still = poseOf(face(0.4));
  assert.ok(straight(still) && Math.abs(still.yaw) < 0.01 && Math.abs(still.roll) < 0.01);
  const turned = face(0.4);
  turned.points[2][0] += 15;
  assert.ok(changed(poseOf(turned), [still]));
  assert.ok(!changed(poseOf(turned), [still, poseOf(turned)]));
  const tilted = face(0.4);
  tilted.points[1][1] += 40;
  assert.ok(poseOf(tilted).roll > 15 && !straight(poseOf(tilted)));
});

test('light and edges are measured', () => {
  const picture = (/** @type {(x: number) => number} */ shade) => {
    const data = new Uint8ClampedArray(32 * 32 * 4);
    for (let place = 0; place < 32 * 32; place += 1) data.fill(shade(place % 32), place * 4, place * 4 + 4);
    return { data, width: 32, height: 32 };
  };
  assert.equal(Math.round(lumaOf(picture(() => 80))), 80);
  assert.equal(Math.round(sharpnessOf(picture(() => 80))), 0);
  assert.ok(sharpnessOf(picture((x) => (x % 8 < 4 ? 40 : 160))) > 500);
});

test('the cut stays inside the picture and holds the face', () => {
  const frame = { width: 640, height: 480 };
  const middle = cropAround(face(0.4), frame);
  assert.ok(middle.width === middle.height && middle.width >= 192 * 2);
  const corner = cropAround({ ...face(0.3), x: 600, y: 0 }, frame);
  assert.ok(corner.x + corner.width <= 640 && corner.y >= 0);
  assert.ok(cropAround(face(0.9), frame).width <= 480);
});

test('a series fits its bytes', () => {
  assert.ok(bytesEach(TURN_FRAMES) * TURN_FRAMES <= SERIES_BYTES_MAX && bytesEach(3) * 3 <= SERIES_BYTES_MAX);
  assert.deepEqual(fitted(640, 480), { width: 480, height: 360 });
  assert.deepEqual(fitted(300, 200), { width: 300, height: 200 });
});

const SIDE = 256;

/** Tensors in which these anchors are faces. @param {{place: number, logit: number, numbers?: number[]}[]} faces */
function tensors(faces) {
  const [few, many] = [new Float32Array(384 * 16), new Float32Array(512 * 16)];
  const [scoresFew, scoresMany] = [new Float32Array(384).fill(-10), new Float32Array(512).fill(-10)];
  for (const { place, logit, numbers = [0, 0, 60, 60, ...Array.from({ length: 12 }, () => 0)] } of faces) {
    const [scores, rows, row] = place < 512 ? [scoresMany, many, place] : [scoresFew, few, place - 512];
    scores[row] = logit;
    rows.set(numbers, row * 16);
  }
  return [scoresFew, scoresMany, few, many];
}

test('anchors of both grids stand where the model means them', () => {
  const [fine] = facesIn(tensors([{ place: 2 * (16 * 8 + 8), logit: 3 }]), SIDE);
  assert.deepEqual([fine.x + fine.width / 2, fine.y + fine.height / 2], [136, 136]);
  const [coarse] = facesIn(tensors([{ place: 512 + 6 * (8 * 4 + 4), logit: 3 }]), SIDE);
  assert.deepEqual([coarse.x + coarse.width / 2, coarse.y + coarse.height / 2], [144, 144]);
  assert.deepEqual(coarse.points[0], [144, 144]);
});

test('a smaller picture has the camera\'s shape and whole steps, and its anchors stand in their rows', () => {
  assert.deepEqual(lookedAt(640, 480), { width: 256, height: 192, scale: 0.4 });
  assert.deepEqual(lookedAt(480, 640), { width: 192, height: 256, scale: 0.4 });
  assert.deepEqual(lookedAt(512, 512), { width: 256, height: 256, scale: 0.5 });
  const [few, many] = [new Float32Array(6 * 5 * 6 * 16), new Float32Array(12 * 10 * 2 * 16)];
  const [scoresFew, scoresMany] = [new Float32Array(6 * 5 * 6).fill(-10), new Float32Array(12 * 10 * 2).fill(-10)];
  scoresMany[2 * (12 * 3 + 5)] = 3; // fourth row, sixth column of cells of 16
  const [found] = facesIn([scoresFew, scoresMany, few, many], 192);
  assert.deepEqual([found.x, found.y], [88, 56]);
});

test('one face that several anchors see is one, two apart are two, doubt is none', () => {
  const one = facesIn(tensors([{ place: 272, logit: 3 }, { place: 273, logit: 2 }, { place: 274, logit: 1 }]), SIDE);
  assert.equal(one.length, 1);
  assert.ok(one[0].score > 0.95);
  assert.equal(facesIn(tensors([{ place: 36, logit: 3 }, { place: 460, logit: 3 }]), SIDE).length, 2);
  assert.equal(facesIn(tensors([{ place: 272, logit: 0 }]), SIDE).length, 0);
  assert.equal(overlap(one[0], one[0]), 1);
});
