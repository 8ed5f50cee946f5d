// Seals a PIN belanja to the engine's key before it leaves this page: ECDH P-256, HKDF-SHA256, AES-256-GCM.

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const INFO = new TextEncoder().encode('ewarong pin-sealing v1');
const IV_BYTES = 12;
const NONCE_BYTES = 16;
const KEY_MS_MAX = 60 * 60_000; // asked again after this, or as soon as the engine does not open what we sealed

/** The engine's key as `GET /v1/sessions/sealing-key` tells it. @typedef {{kid: string, public_key: string}} SealingKey */
/** `act`: the id of the purchase it is for, empty when there is none. @typedef {{pin: string, tillId: string, act?: string, nowMs: number}} Secret */

/** No lawful way to send a PIN from this page: no secure address, or no key. */
export class CannotSeal extends Error {}

/** @param {Uint8Array} bytes */
function text(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** @param {string} base64url */
function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (each) => each.charCodeAt(0));
}

/** @param {Uint8Array[]} parts */
function together(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  parts.reduce((at, each) => { whole.set(each, at); return at + each.length; }, 0);
  return whole;
}

/**
 * @param {SealingKey} key @param {Secret} secret
 * @returns {Promise<string>} `kid.point.iv.cipher`, each base64url
 */
export async function seal(key, { pin, tillId, act = '', nowMs }) {
  const { subtle } = globalThis.crypto;
  const theirs = bytes(key.public_key);
  const engine = await subtle.importKey('raw', theirs, CURVE, false, []);
  const mine = /** @type {CryptoKeyPair} */ (await subtle.generateKey(CURVE, true, ['deriveBits']));
  const point = new Uint8Array(await subtle.exportKey('raw', mine.publicKey));
  const shared = await subtle.deriveBits({ name: 'ECDH', public: engine }, mine.privateKey, 256);
  const material = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const once = await subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: together(point, theirs), info: INFO }, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt'],
  );
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const nonce = text(globalThis.crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  const plain = JSON.stringify({ pin, till_id: tillId, time: Math.round(nowMs), nonce, act });
  const named = new TextEncoder().encode(key.kid);
  const cipher = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: named }, once, new TextEncoder().encode(plain));
  return [key.kid, ...[point, iv, new Uint8Array(cipher)].map(text)].join('.');
}

/**
 * Keeps the engine's key for an hour and seals with it.
 * @param {(path: string) => Promise<import('../types.js').Answer>} call @param {() => number} [now]
 */
export function openSealer(call, now = Date.now) {
  /** @type {SealingKey|null} */
  let key = null;
  let atMs = -Infinity;

  async function fresh() {
    if (key && now() - atMs < KEY_MS_MAX) return key;
    const { status, body } = await call('/v1/sessions/sealing-key');
    if (status !== 200) throw new CannotSeal(`sealing key: ${status}`);
    atMs = now();
    key = body;
    return body;
  }

  return {
    /** Asked early, so that the PIN need not wait for it. */
    prepare: () => (globalThis.crypto.subtle ? fresh().then(() => {}) : Promise.resolve()),
    /** The engine did not open what was sealed: the next one is sealed with its newest key. */
    forget() { key = null; },
    /** @param {Secret} secret @returns {Promise<string>} */
    async seal(secret) {
      if (!globalThis.crypto.subtle) throw new CannotSeal('this address is not secure');
      return seal(await fresh(), secret);
    },
  };
}
