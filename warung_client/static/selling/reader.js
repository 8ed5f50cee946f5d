// Reads a barcode out of a camera picture: the browser's own reader where there is one, else ours.

const NATIVE_FORMATS = ['ean_13', 'ean_8', 'upc_a', 'upc_e', 'itf', 'qr_code'];
const SIDE_MAX = 960;

/** Reads one picture. @typedef {{read: (video: HTMLVideoElement) => Promise<string|null>, close: () => void, own: boolean}} Reader */

/** @returns {Promise<Reader>} */
export async function openReader() {
  return await native() ?? ours();
}

/** @returns {Promise<Reader|null>} null where the browser has none, or one that knows no EAN-13 */
async function native() {
  const { BarcodeDetector } = /** @type {any} */ (window);
  if (!BarcodeDetector) return null;
  const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
  if (!known.includes('ean_13')) return null;
  const detector = new BarcodeDetector({ formats: NATIVE_FORMATS.filter((format) => known.includes(format)) });
  return {
    own: false,
    read: async (video) => (await detector.detect(video))[0]?.rawValue ?? null,
    close: () => {},
  };
}

/** @returns {Reader} */
function ours() {
  const worker = new Worker(new URL('selling/reader_worker.js', document.baseURI));
  const canvas = document.createElement('canvas');
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  return {
    own: true,
    read(video) {
      const scale = Math.min(1, SIDE_MAX / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
      return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => (data.failure ? reject(new Error(data.failure)) : resolve(data.text));
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage(picture, [picture.data.buffer]);
      });
    },
    close: () => worker.terminate(),
  };
}
