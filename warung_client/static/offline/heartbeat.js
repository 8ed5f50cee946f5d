// Does the engine answer: asked by ourselves, because a browser that is "online" may reach nothing.

const ANSWER_MS_MAX = 4_000;
const EVERY_MS = 15_000;
const EVERY_AWAY_MS = 5_000;

/** One question to /health. @param {typeof fetch} send @returns {Promise<boolean>} */
export async function engineAnswers(send = fetch) {
  try {
    const response = await send('/health', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    return response.status === 200;
  } catch {
    return false;
  }
}

/**
 * Asks again and again; one lost answer is asked for once more before the engine counts as away.
 * @param {{ask: () => Promise<boolean>, tell: (away: boolean) => void, later?: (work: () => void, ms: number) => any}} around
 */
export function openHeartbeat({ ask, tell, later = setTimeout }) {
  let timer = null;
  /** @type {Promise<boolean>|null} */
  let beating = null;

  async function beat() {
    const answers = await ask() || await ask();
    tell(!answers);
    clearTimeout(timer);
    timer = later(now, answers ? EVERY_MS : EVERY_AWAY_MS);
    return answers;
  }
  /** Asks at once; true when the engine answers. @returns {Promise<boolean>} */
  function now() {
    beating ??= beat().finally(() => { beating = null; });
    return beating;
  }
  return { now };
}
