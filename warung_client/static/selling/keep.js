// What this shop's till remembers on the device between days; nothing in it names a person.

const PREFIX = 'ewarong.selling';

/**
 * A drawer of named values for one shop. A full or forbidden storage forgets, and sells on.
 * @param {Storage} storage @param {string} shopId
 */
export function drawer(storage, shopId) {
  const place = (/** @type {string} */ name) => `${PREFIX}.${shopId}.${name}`;
  return {
    /** @template Value @param {string} name @param {Value} otherwise @returns {Value} */
    read(name, otherwise) {
      try {
        const text = storage.getItem(place(name));
        return text === null ? otherwise : JSON.parse(text);
      } catch {
        return otherwise;
      }
    },
    /** @param {string} name @param {unknown} value @returns {boolean} was it kept */
    write(name, value) {
      try {
        storage.setItem(place(name), JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
  };
}
