// Which receipts left the till before: every later paper, picture or text of one says SALINAN.

const KEY = 'ewarong.gave';
const REMEMBERED_MAX = 300;

/** @param {any} storage */
function read(storage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** @param {string} id of the purchase @param {any} storage */
export const gaveBefore = (id, storage) => read(storage).includes(id);

/** @param {string} id @param {any} storage */
export function gave(id, storage) {
  const kept = read(storage).filter((each) => each !== id);
  storage.setItem(KEY, JSON.stringify([...kept, id].slice(-REMEMBERED_MAX)));
}
