// Slips of the finger found before anything is sent: check digits of a card, shape of a phone and a NIK.

const OWN_CARD_DIGITS = 16;
const EVEN_DAY_OFFSET = 40; // a woman's NIK carries her birth day plus 40

/** @param {string} digits @returns {boolean} sixteen digits whose Luhn digit fits */
export function cardFits(digits) {
  if (!new RegExp(`^\\d{${OWN_CARD_DIGITS}}$`).test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const doubled = Number(digit) * (place % 2 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** @param {string} digits @returns {boolean} an Indonesian mobile number, 08... or 628... */
export function phoneFits(digits) {
  return /^(0|62)8\d{7,12}$/.test(digits);
}

/** @param {string} digits @returns {boolean} place, birth date and serial as a NIK has them */
export function nikFits(digits) {
  if (!/^[1-9]\d{15}$/.test(digits)) return false;
  const day = Number(digits.slice(6, 8)) % EVEN_DAY_OFFSET;
  const month = Number(digits.slice(8, 10));
  return day >= 1 && day <= 31 && month >= 1 && month <= 12 && digits.slice(12) !== '0000';
}
