// Who puts what is shown into words: Indonesian as it is written, or another language once it is here.

const INDONESIAN = Object.freeze({ spoken: (/** @type {any} */ made) => made, told: (/** @type {any} */ said) => said });
let by = INDONESIAN;

/** @param {{spoken: (made: any) => any, told: (said: any) => any}} [other] none: Indonesian */
export function speakBy(other = INDONESIAN) {
  by = other;
}

/** The texts of what a template made. @param {any} made @returns {any} */
export const spoken = (made) => by.spoken(made);

/**
 * What the engine says about a reason.
 * @template {{reason?: string, message?: string, nextStep?: string}} Said @param {Said} said @returns {Said}
 */
export const told = (said) => by.told(said);
