// The ten digits in an order that nobody at the counter can learn from a finger's way.

/** @returns {number} of 32 random bits */
const drawn = () => globalThis.crypto.getRandomValues(new Uint32Array(1))[0];

/**
 * @param {() => number} [random] 32 bits at a time
 * @returns {string[]} each digit once, every order equally likely
 */
export function shuffledDigits(random = drawn) {
  const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
  for (let last = digits.length - 1; last > 0; last -= 1) {
    const place = below(last + 1, random);
    [digits[last], digits[place]] = [digits[place], digits[last]];
  }
  return digits;
}

/** Every number below the bound with the same chance. @param {number} bound @param {() => number} random */
function below(bound, random) {
  const fair = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const value = random();
    if (value < fair) return value % bound;
  }
}
