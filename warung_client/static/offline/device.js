// The tablet's own key: made here, never to be read out, and what it signs.

import { sha256, toBase64Url, toHex, utf8 } from './bytes.js';

/** @typedef {'Ed25519'|'ES256'} Algorithm */
/** @typedef {{algorithm: Algorithm, publicKey: string, pair: CryptoKeyPair}} DeviceKey */
/** What the store keeps of this device. @typedef {{device_id: string, key: DeviceKey, state: string, label: string, split?: boolean, shop_id?: string, till_id?: string}} Device */

const SIGN = { Ed25519: 'Ed25519', ES256: { name: 'ECDSA', hash: 'SHA-256' } };
const MAKE = { Ed25519: 'Ed25519', ES256: { name: 'ECDSA', namedCurve: 'P-256' } };
const NONCE_BYTES = 12; // 16 letters

/** Can this page keep a key at all: a secure address and WebCrypto. */
export const canHoldKey = () => globalThis.isSecureContext !== false && Boolean(globalThis.crypto?.subtle) && 'indexedDB' in globalThis;

/** Ed25519, or P-256 in a browser that has none. @returns {Promise<DeviceKey>} */
export async function makeKey() {
  try {
    return await keyOf('Ed25519');
  } catch {
    return keyOf('ES256');
  }
}

/** @param {Algorithm} algorithm @returns {Promise<DeviceKey>} */
export async function keyOf(algorithm) {
  const made = await crypto.subtle.generateKey(/** @type {any} */ (MAKE[algorithm]), false, ['sign', 'verify']);
  const pair = /** @type {CryptoKeyPair} */ (made);
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey); // the public half alone
  return { algorithm, publicKey: toBase64Url(raw), pair };
}

/** @param {DeviceKey} key @param {Uint8Array} message @returns {Promise<Uint8Array>} 64 bytes */
export async function signWith(key, message) {
  const signed = await crypto.subtle.sign(/** @type {any} */ (SIGN[key.algorithm]), key.pair.privateKey, /** @type {any} */ (message));
  return new Uint8Array(signed);
}

/**
 * The header of a request within a session: the same, of our idea of the engine's time, and of the token too.
 * @param {Device} device @param {{method: string, path: string, body: string, token: string, atMs: number}} what
 * @returns {Promise<string>}
 */
export async function proofOf({ device_id: id, key }, { method, path, body, token, atMs }) {
  const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  const { pathname, search } = new URL(path, 'http:localhost'); // as the browser will write it, whatever its host
  const at = Math.round(atMs);
  const hashes = await Promise.all([body, token].map(async (text) => toHex(await sha256(text))));
  const message = [method, pathname + search, at, nonce, ...hashes].join('\n');
  return `${id}.${at}.${nonce}.${toBase64Url(await signWith(key, utf8(message)))}`;
}

/**
 * The header of a request that the device itself makes, without anybody's session.
 * @param {Device} device @param {string} method @param {string} path @param {string} body
 * @returns {Promise<string>}
 */
export async function authorization({ device_id: id, key }, method, path, body) {
  const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  const at = Date.now();
  const message = [method, path, at, nonce, toHex(await sha256(body))].join('\n');
  const sig = toBase64Url(await signWith(key, utf8(message)));
  return `Device ${id}.${at}.${nonce}.${sig}`;
}
