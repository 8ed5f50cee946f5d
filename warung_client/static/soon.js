// A part of a screen whose file comes after the first goods stand there.

import { html, useEffect, useState } from './view.js';

const TRY_AGAIN_MS = 2_000;

/**
 * A component in the place of one that is still on its way; without signal it is asked for again.
 * @param {() => Promise<any>} load the component @returns {any} with `bring`, which fetches it beforehand
 */
export function soon(load) {
  /** @type {any} */
  let Part = null;
  /** @type {Promise<void>|null} */
  let coming = null;
  const bring = () => {
    coming ??= load().then((found) => { Part = found; }).catch(() => { coming = null; });
    return coming;
  };

  /** @param {any} props */
  function Soon(props) {
    const [, look] = useState(0);
    useEffect(() => {
      let gone = false;
      const fetched = () => bring().then(() => {
        if (gone) return;
        look((old) => old + 1);
        if (!Part) setTimeout(fetched, TRY_AGAIN_MS);
      });
      if (!Part) fetched();
      return () => { gone = true; };
    }, []);
    return Part ? html`<${Part} ...${props} />` : html`<p class="lead" role="status">Sebentar...</p>`;
  }
  return Object.assign(Soon, { bring });
}
