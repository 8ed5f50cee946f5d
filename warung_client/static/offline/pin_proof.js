// Is this the PIN: argon2id in the tablet, loaded when the first one is asked for.

import { fromBase64Url, sameBytes, toBase64Url, utf8 } from './bytes.js';

/** @typedef {{alg: string, t: number, m_kib: number, p: number, hash: string}} Verifier */

const HASH_BYTES = 32;
const SALT_BYTES = 16;
const MEMORY_KIB_MAX = 65_536; // a tablet with 1 GB must bear it
const ROUNDS_MAX = 8;
export const OWN_COST = Object.freeze({ alg: 'argon2id', t: 2, m_kib: 19_456, p: 1 });

/** @type {Promise<any>|null} */
let loading = null;

/** hash-wasm's own module; it hangs itself on the global object. */
function argon2() {
  loading ??= import('../vendor/argon2.umd.min.js').then(() => /** @type {any} */ (globalThis).hashwasm);
  loading.catch(() => { loading = null; });
  return loading;
}

/** Loads the code before the cashier waits for it. */
export const warmUp = () => argon2().then(() => undefined);

/** Lets the service worker keep the code: a tablet with an allowance must have it before the signal goes. */
export const keepCode = () => fetch('vendor/argon2.umd.min.js').then(() => undefined);

/** @param {string} pin @param {Uint8Array} salt @param {Omit<Verifier, 'hash'>} cost @returns {Promise<Uint8Array>} */
async function hashOf(pin, salt, { t, m_kib: memory, p }) {
  const { argon2id } = await argon2();
  return argon2id({
    password: utf8(pin), salt, iterations: t, memorySize: memory, parallelism: p, hashLength: HASH_BYTES, outputType: 'binary',
  });
}

/**
 * Does the PIN fit. A verifier that asks for more than a tablet has fits nothing.
 * @param {string} pin @param {Uint8Array} salt @param {Verifier} verifier @returns {Promise<boolean>}
 */
export async function pinFits(pin, salt, verifier) {
  const wanted = fromBase64Url(verifier.hash);
  const bearable = verifier.alg === OWN_COST.alg && verifier.m_kib <= MEMORY_KIB_MAX && verifier.t <= ROUNDS_MAX && verifier.p === 1;
  if (!bearable || wanted?.length !== HASH_BYTES || salt.length < SALT_BYTES) return false;
  return sameBytes(await hashOf(pin, salt, verifier), wanted);
}

/** A verifier of one's own, with a new salt. @param {string} pin @returns {Promise<Verifier & {salt: string}>} */
export async function makeVerifier(pin) {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  return { ...OWN_COST, salt: toBase64Url(salt), hash: toBase64Url(await hashOf(pin, salt, OWN_COST)) };
}
