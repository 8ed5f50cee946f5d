// Gives a receipt to another program of the device: shared where it can, else saved or copied.

const GIVEN_UP = 'AbortError'; // the person closed the choice: nothing went wrong

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * @param {() => Promise<any>} work @param {() => Promise<string>} instead
 * @returns {Promise<string>} SHARED, SAVED, COPIED, or empty when nobody wanted it
 */
async function shared(work, instead) {
  try {
    await work();
    return 'SHARED';
  } catch (failure) {
    if (/** @type {any} */ (failure)?.name === GIVEN_UP) return '';
    return instead();
  }
}

/** @param {string} text */
export function shareText(text) {
  const instead = async () => {
    try {
      await navigator.clipboard.writeText(text);
      return 'COPIED';
    } catch {
      save(new Blob([text], { type: 'text/plain;charset=utf-8' }), 'struk.txt');
      return 'SAVED';
    }
  };
  const can = typeof navigator.share === 'function';
  return can ? shared(() => navigator.share({ text }), instead) : instead();
}

/** @param {Blob} png @param {string} name without ending */
export function sharePicture(png, name) {
  const file = new File([png], `${name}.png`, { type: 'image/png' });
  const instead = async () => { save(png, file.name); return 'SAVED'; };
  const can = typeof navigator.share === 'function' && navigator.canShare?.({ files: [file] });
  return can ? shared(() => navigator.share({ files: [file] }), instead) : instead();
}
