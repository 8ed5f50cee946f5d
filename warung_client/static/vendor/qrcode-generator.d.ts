// What the till uses of qrcode-generator.
export const qrcode: any;
