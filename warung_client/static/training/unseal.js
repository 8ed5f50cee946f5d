// Opens a PIN sealed on the training ground: the same lock as the engine's, with a key that lives as long as the page.

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const INFO = new TextEncoder().encode('ewarong pin-sealing v1');

/** @param {Uint8Array} bytes */
const text = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
/** @param {string} base64url */
const bytes = (base64url) => Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (each) => each.charCodeAt(0));

/** A lock of the training ground: its public key, and who opens what was sealed with it. */
export function trainingLock() {
  /** @type {Promise<CryptoKeyPair>|null} */
  let making = null;
  const pair = () => {
    making ??= crypto.subtle.generateKey(CURVE, true, ['deriveBits']);
    return making;
  };
  const point = async () => new Uint8Array(await crypto.subtle.exportKey('raw', (await pair()).publicKey));

  return {
    /** @returns {Promise<{kid: string, public_key: string}>} */
    publicKey: async () => ({ kid: 'latihan', public_key: text(await point()) }),

    /** The PIN; empty when it does not open. @param {string} sealed @returns {Promise<string>} */
    async open(sealed) {
      try {
        const [kid, theirs, iv, cipher] = sealed.split('.');
        const public_ = await crypto.subtle.importKey('raw', bytes(theirs), CURVE, false, []);
        const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: public_ }, (await pair()).privateKey, 256);
        const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
        const salt = Uint8Array.from([...bytes(theirs), ...await point()]);
        const once = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info: INFO }, material, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
        const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes(iv), additionalData: new TextEncoder().encode(kid) }, once, bytes(cipher));
        return JSON.parse(new TextDecoder().decode(plain)).pin;
      } catch {
        return '';
      }
    },
  };
}
