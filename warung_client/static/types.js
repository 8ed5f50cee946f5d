// The shapes that travel between till and engine, as JSDoc types only.

/** @typedef {{code: string, numerator: number, denominator: number, whole: boolean}} Unit */
/** What a family may buy of a good in a day, in its base unit. @typedef {{quantity_milli: number, unit: string, regulation: string}} DailyLimit */
/** @typedef {{amount: number, kind: string, action: 'DECLINE'|'FLAG'|'CAP', unit: string, regulation: string}} Ceiling */

/**
 * @typedef {object} Good
 * @property {string} sku
 * @property {string} name
 * @property {string} group
 * @property {string} category
 * @property {string} picture
 * @property {number} position
 * @property {string} base_unit
 * @property {Unit[]} units
 * @property {'OK'|'ITEM_BANNED'|'ITEM_NOT_IN_PROGRAMME'} verdict
 * @property {string} [message]
 * @property {string[]} flags
 * @property {Ceiling|null} ceiling
 * @property {DailyLimit|null} [daily_limit]
 * @property {string[]} [programmes] whose money may pay it
 */

/** A pack with a barcode, sold by the piece. @typedef {{gtin: string, sku: string, name: string, unit: Unit}} Pack */

/** @typedef {{region: string, region_name: string, day: string, version: string, goods: Good[], packs?: Pack[], programmes: {code: string, title: string}[], time_zone: string, server_time: string}} Catalogue */

/**
 * What the engine said about one line; absent while nobody asked.
 * @typedef {{verdict: string, message: string, ceiling: number|null}} Mark
 */

/** `gtin` and `pack` of a line that was scanned. @typedef {{key: number, sku: string, name: string, unit: string, gtin?: string, pack?: Unit, quantityMilli: number, unitPrice: number, mark?: Mark}} CartLine */
/** The lines as they stood before the last change. @typedef {{kind: 'ADDED'|'CHANGED'|'REMOVED', name: string, lines: CartLine[]}} Before */
/** @typedef {{lines: CartLine[], before: Before|null, nextKey: number}} Cart */
/** @typedef {{sku: string, quantity_milli: number, unit_price: number, unit: string}|{gtin: string, quantity_milli: number, unit_price: number}} WireLine */

/**
 * A payer as the PUT wants it.
 * @typedef {{token: string}|{method: 'KKS', card?: string, card_qr?: string, pin_sealed: string}|{method: 'PHONE', msisdn: string, confirm: 'USSD'}|{method: 'PHONE', msisdn: string, code: string}|{method: 'QR', code: string}} Payer
 */

/** @typedef {{role: string, device_id: string, device_secret: string, staff_id: string, pin?: string, shop_id?: string, shop_name?: string, region_name?: string}} Device */
/** Her money of one programme, before and after this basket. @typedef {{programme: string, title: string, balance_before: number, balance_after: number|null}} Share */
/** A good of the basket and what she bought of it today. @typedef {{sku: string, name: string, maximum_milli: number, used_milli: number, unit: string}} DayLimit */
/** @typedef {{status: number, body: any, retryAfter: number|null}} Answer */

export {};
