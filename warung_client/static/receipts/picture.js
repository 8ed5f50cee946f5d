// A receipt as a picture that can be sent to a telephone: the same rows, and its QR code below.

const LETTER = { height: 26, font: '20px "DejaVu Sans Mono", "Noto Sans Mono", monospace', columns: 32 };
const EDGE = 24;
const QR_SIDE = 260;

/** @param {string} address of an image of our own page @returns {Promise<HTMLImageElement>} */
function loaded(address) {
  return new Promise((good, bad) => {
    const image = new Image();
    image.onload = () => good(image);
    image.onerror = bad;
    image.src = address;
  });
}

/**
 * @param {string} text marked already @param {string|null} [qr] address of the code's drawing
 * @returns {Promise<Blob>} a PNG
 */
export async function receiptPng(text, qr = null) {
  const rows = text.replace(/\n+$/, '').split('\n');
  const drawn = qr ? await loaded(qr).catch(() => null) : null;
  const canvas = document.createElement('canvas');
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.font = LETTER.font;
  canvas.width = Math.ceil(pen.measureText('0'.repeat(LETTER.columns)).width) + 2 * EDGE;
  canvas.height = rows.length * LETTER.height + 2 * EDGE + (drawn ? QR_SIDE + EDGE : 0);
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = '#111';
  pen.font = LETTER.font; // a new size forgets it
  pen.textBaseline = 'top';
  rows.forEach((row, place) => pen.fillText(row, EDGE, EDGE + place * LETTER.height));
  if (drawn) pen.drawImage(drawn, (canvas.width - QR_SIDE) / 2, rows.length * LETTER.height + EDGE, QR_SIDE, QR_SIDE);
  return new Promise((good, bad) => {
    canvas.toBlob((blob) => (blob ? good(blob) : bad(new Error('no picture'))), 'image/png');
  });
}
