// Did the engine sign this: allowances and checkpoints against its public keys.

import { canonical, fromBase64Url, utf8 } from './bytes.js';

/** @typedef {{kid: string, public_key: string}} ServerKey */

/**
 * @param {any} signed holds `kid` @param {string} signature @param {ServerKey[]} keys @returns {Promise<boolean>}
 */
export async function signedByEngine(signed, signature, keys) {
  const key = keys.find(({ kid }) => kid === signed?.kid);
  const raw = key && fromBase64Url(key.public_key);
  const sig = fromBase64Url(signature ?? '');
  if (!raw || raw.length !== 32 || sig?.length !== 64) return false;
  return verify(raw, sig, utf8(canonical(signed)));
}

/** By the browser; by a vendored module in one that has no Ed25519. @param {any} raw @param {any} sig @param {any} message */
async function verify(raw, sig, message) {
  let key;
  try {
    key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
  } catch {
    const { verifyAsync } = await import('../vendor/noble-ed25519.js');
    return verifyAsync(sig, message, raw).catch(() => false);
  }
  return crypto.subtle.verify('Ed25519', key, sig, message);
}
