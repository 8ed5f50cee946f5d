// Runs BlazeFace beside the page, so that keys stay quick while faces are looked for (classic worker).

/* global Human */
const here = /** @type {any} */ (globalThis);
here.importScripts('../vendor/human.js');

const SIDE = 256;
const FOLDER = new URL('../vendor/', here.location.href).href;
const tf = new here.Human.default({ backend: 'wasm', wasmPath: FOLDER, modelBasePath: FOLDER, debug: false }).tf; // taken apart, the minifier would put it before FOLDER

async function open() {
  tf.setWasmPaths(FOLDER);
  if (!await tf.setBackend('wasm')) throw new Error('no WebAssembly');
  tf.enableProdMode();
  const model = await tf.loadGraphModel(`${FOLDER}blazeface.json`);
  look(model, new Uint8ClampedArray(SIDE * SIDE * 4)); // the first time is slow: nobody waits for it
  here.postMessage({ ready: true });
  return model;
}

/** @param {any} model @param {Uint8ClampedArray} rgba */
function look(model, rgba) {
  const values = new Float32Array(SIDE * SIDE * 3);
  for (let at = 0, from = 0; at < values.length; from += 4) {
    values[at++] = rgba[from] / 127.5 - 1;
    values[at++] = rgba[from + 1] / 127.5 - 1;
    values[at++] = rgba[from + 2] / 127.5 - 1;
  }
  const input = tf.tensor4d(values, [1, SIDE, SIDE, 3]);
  const found = model.execute(input);
  const tensors = [...found].sort((one, other) => one.size - other.size).map((each) => Float32Array.from(each.dataSync()));
  tf.dispose([input, ...found]);
  return tensors;
}

const opened = open();
opened.catch((failure) => here.postMessage({ failure: String(failure) }));

here.onmessage = async (/** @type {MessageEvent} */ { data }) => {
  try {
    const tensors = look(await opened, data);
    here.postMessage({ tensors }, tensors.map((each) => each.buffer));
  } catch (failure) {
    here.postMessage({ failure: String(failure) });
  }
};
