// Sends bytes to a thermal printer by cable (Web Serial) or Bluetooth; says when it is not there.

const BAUD = 9_600;
const PIECE_BYTES = 180; // what a small printer takes at once over Bluetooth
const WRITE_MS_MAX = 15_000;
/** Services under which small printers take text. */
const SERVICES = [
  '000018f0-0000-1000-8000-00805f9b34fb', 'e7810a71-73ae-499d-8c15-faa9aef0c3f2',
  '49535343-fe7d-4ae5-8fa9-9fafd205e455', '0000ff00-0000-1000-8000-00805f9b34fb', '0000ffe0-0000-1000-8000-00805f9b34fb',
];

/** The printer did not take it: off, out of paper, out of reach, or nobody chose one. */
export class PrinterGone extends Error {}

/** @type {any} the Bluetooth printer chosen in this page */
let paired = null;

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
function inTime(work) {
  return Promise.race([work, new Promise((_, fail) => { setTimeout(() => fail(new PrinterGone('too slow')), WRITE_MS_MAX); })]);
}

/** Asks which printer; must follow a tap. @param {string} kind SERIAL or BLUETOOTH */
export async function choosePrinter(kind) {
  const here = /** @type {any} */ (navigator);
  try {
    if (kind === 'SERIAL') await here.serial.requestPort();
    else paired = await here.bluetooth.requestDevice({ acceptAllDevices: true, optionalServices: SERVICES });
  } catch (failure) {
    throw new PrinterGone(String(failure));
  }
}

/**
 * @param {string} kind SERIAL or BLUETOOTH @param {Uint8Array} bytes
 * @throws {PrinterGone}
 */
export async function sendToPrinter(kind, bytes) {
  try {
    await inTime(kind === 'SERIAL' ? byCable(bytes) : byBluetooth(bytes));
  } catch (failure) {
    throw failure instanceof PrinterGone ? failure : new PrinterGone(String(failure));
  }
}

/** @param {Uint8Array} bytes */
async function byCable(bytes) {
  const { serial } = /** @type {any} */ (navigator);
  const [known] = await serial.getPorts();
  const port = known ?? await serial.requestPort();
  await port.open({ baudRate: BAUD });
  try {
    const writer = port.writable.getWriter();
    try {
      await writer.write(bytes);
    } finally {
      writer.releaseLock();
    }
  } finally {
    await port.close();
  }
}

/** @param {Uint8Array} bytes */
async function byBluetooth(bytes) {
  if (!paired) await choosePrinter('BLUETOOTH');
  const server = await paired.gatt.connect();
  const way = await writable(server);
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const piece = bytes.slice(from, from + PIECE_BYTES);
    await (way.properties.write ? way.writeValueWithResponse(piece) : way.writeValueWithoutResponse(piece));
  }
}

/** The first characteristic that takes text. @param {any} server */
async function writable(server) {
  for (const service of await server.getPrimaryServices()) {
    for (const each of await service.getCharacteristics()) {
      if (each.properties.write || each.properties.writeWithoutResponse) return each;
    }
  }
  throw new PrinterGone('takes no text');
}
