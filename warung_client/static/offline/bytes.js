// Bytes as the offline protocol writes them: UTF-8, base64url, SHA-256, canonical JSON.

const BINARY_STEP = 8192; // arguments of one call

/** @param {string} text @returns {Uint8Array} */
export const utf8 = (text) => new TextEncoder().encode(text);

/** @param {Uint8Array|ArrayBuffer} raw @returns {string} base64url without padding */
export function toBase64Url(raw) {
  const bytes = new Uint8Array(raw);
  let binary = '';
  for (let from = 0; from < bytes.length; from += BINARY_STEP) {
    binary += String.fromCharCode(...bytes.subarray(from, from + BINARY_STEP));
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @param {string} text @returns {Uint8Array|null} null when it is no base64url */
export function fromBase64Url(text) {
  if (!/^[\w-]*$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** @param {Uint8Array|string} content @returns {Promise<Uint8Array>} */
export async function sha256(content) {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  return new Uint8Array(await crypto.subtle.digest('SHA-256', /** @type {BufferSource} */ (bytes)));
}

/** @param {Uint8Array} raw @returns {string} */
export const toHex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * RFC 8785 for objects with ASCII keys, strings, safe integers, booleans, null and arrays: one text for one value.
 * @param {any} value @returns {string}
 */
export function canonical(value) {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('only safe integers have a canonical form here');
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`no canonical form: ${typeof value}`);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}

/** Are both the same bytes; looks at all of them whatever the first difference. @param {Uint8Array} one @param {Uint8Array} other */
export function sameBytes(one, other) {
  if (one.length !== other.length) return false;
  return one.reduce((difference, byte, place) => difference | (byte ^ other[place]), 0) === 0;
}
