// A scanner that types, for the screen that wants to hear it; the ear itself comes when it is needed.

import { useEffect, useRef } from '../view.js';

/** A scanner that types is heard anywhere on this screen. @param {(text: string) => void} onRead */
export function useScanner(onRead) {
  const read = useRef(onRead);
  read.current = onRead;
  useEffect(() => {
    let stop = () => {};
    let gone = false;
    import('./listening.js').then(({ listen }) => { if (!gone) stop = listen(window, (text) => read.current(text)); }).catch(() => {});
    return () => { gone = true; stop(); };
  }, []);
}
