// Runs BlazeFace beside the page, so that keys stay quick while faces are looked for (classic worker).

/* global Human */
const here = /** @type {any} */ (globalThis);
here.importScripts('../vendor/human.js');

const FIRST = { width: 256, height: 192 };
/** Before the model binds them to 256 x 256: scores and numbers of both grids. */
const GRIDS = [33, 34, 35, 36].map((layer) => `StatefulPartitionedCall/functional_1/conv2d_${layer}/BiasAdd`);
const FOLDER = new URL('../vendor/', here.location.href).href;
const { tf } = new here.Human.default({ backend: 'wasm', wasmPath: FOLDER, modelBasePath: FOLDER, debug: false });

async function open() {
  tf.setWasmPaths(FOLDER);
  if (!await tf.setBackend('wasm')) throw new Error('no WebAssembly');
  tf.enableProdMode();
  const model = await tf.loadGraphModel({ load: anySize });
  look(model, { ...FIRST, data: new Uint8ClampedArray(FIRST.width * FIRST.height * 4) }); // the first time is slow: nobody waits for it
  here.postMessage({ ready: true });
  return model;
}

/** The model as it was published, for pictures of any size. */
async function anySize() {
  const [{ modelTopology, weightsManifest, format }, weightData] = await Promise.all([
    fetch(`${FOLDER}blazeface.json`).then((answer) => answer.json()), fetch(`${FOLDER}blazeface.bin`).then((answer) => answer.arrayBuffer()),
  ]);
  const input = modelTopology.node.find((/** @type {any} */ { op }) => op === 'Placeholder');
  input.attr.shape.shape.dim = ['1', '-1', '-1', '3'].map((size) => ({ size }));
  return { modelTopology, weightData, format, weightSpecs: weightsManifest.flatMap((/** @type {any} */ { weights }) => weights) };
}

/** @param {any} model @param {{data: Uint8ClampedArray, width: number, height: number}} picture RGBA */
function look(model, { data: rgba, width, height }) {
  const values = new Float32Array(width * height * 3);
  for (let at = 0, from = 0; at < values.length; from += 4) {
    values[at++] = rgba[from] / 127.5 - 1;
    values[at++] = rgba[from + 1] / 127.5 - 1;
    values[at++] = rgba[from + 2] / 127.5 - 1;
  }
  const input = tf.tensor4d(values, [1, height, width, 3]);
  const found = model.execute(input, GRIDS);
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
