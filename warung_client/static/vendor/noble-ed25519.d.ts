// What the till uses of noble-ed25519.
export function verifyAsync(signature: Uint8Array, message: Uint8Array, key: Uint8Array): Promise<boolean>;
