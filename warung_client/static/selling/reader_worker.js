// Reads barcodes beside the page, so that keys stay quick while a picture is searched (classic worker).

/* global ZXingWASM */
const here = /** @type {any} */ (globalThis);
here.importScripts('../vendor/zxing-reader.js');
const reader = here.ZXingWASM;
reader.prepareZXingModule({ overrides: { locateFile: () => new URL('../vendor/zxing_reader.wasm', here.location.href).href } });

const LOOK_FOR = { formats: ['EAN13', 'EAN8', 'UPCA', 'UPCE', 'ITF14', 'QRCode'], tryHarder: true, maxNumberOfSymbols: 1 };

here.onmessage = async (/** @type {MessageEvent} */ { data }) => {
  try {
    const [found] = await reader.readBarcodes(data, LOOK_FOR);
    here.postMessage({ text: found?.isValid ? found.text : null });
  } catch (failure) {
    here.postMessage({ failure: String(failure) });
  }
};
