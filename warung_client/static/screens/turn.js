// A face that moves as asked: look straight, turn the head, and the pictures go to the engine.

import { takeFrames, takeTurn, TURN_FRAMES } from '../camera.js';
import { Keypad } from '../keypad.js';
import { Key, Notice, Sign } from '../parts.js';
import { arrowOf, askOf, dayOf, spaced } from '../turning.js';
import { press } from '../typing.js';
import { html, useEffect, useRef, useState } from '../view.js';
import { useCamera, Viewfinder } from '../viewfinder.js';
import { Gate, mayTake, turnCrop } from '../identify/guide.js';
import { useGate } from '../identify/gating.js';
import { tell } from '../sound.js';
import { TURN_A_LITTLE } from '../words/identify.js';
import { FACE_HINT, LADDER, LOOK_STRAIGHT, PICTURE_FAILED, SLIP } from '../words.js';

const REST = { phase: 'rest', action: null, taken: 0 };
const DATE_DIGITS = 8;
export const FACE_FAILURES_MAX = 3; // then another way is offered first

/** @param {any} props */
export function Turn({ state, act }) {
  const [dating, setDating] = useState(false);
  if (state.sale.faceFailures >= FACE_FAILURES_MAX) return html`<${Ladder} act=${act} />`;
  if (dating) {
    return html`<${SpokenDate} onDone=${(day) => { act.useBirthDate(day); setDating(false); }} />`;
  }
  return html`<${Movement} state=${state} act=${act} onDate=${() => { act.forgetProblem(); setDating(true); }} />`;
}

/** @param {any} props */
function Movement({ state: { sale, busy }, act, onDate }) {
  const camera = useCamera();
  const [moment, setMoment] = useState(REST);
  const gate = useGate(camera, { looks: ['rest', 'pose'].includes(moment.phase), speaks: moment.phase === 'rest' && !busy });
  const round = useRef(0); // a capture that nobody waits for any more carries an older number
  useEffect(() => () => { round.current += 1; }, []);

  /** @param {(wanted: () => boolean) => Promise<object|null>} take makes what identify is asked */
  async function ask(take) {
    round.current += 1;
    const mine = round.current;
    const wanted = () => mine === round.current;
    camera.tell({ problem: null });
    try {
      const fields = await take(wanted);
      if (fields && wanted()) {
        setMoment({ ...REST, phase: 'sent' });
        await act.identifyFaces('FACE', fields);
      }
    } catch {
      if (wanted()) camera.tell({ problem: PICTURE_FAILED });
    }
    if (wanted()) setMoment(REST);
  }

  const move = () => ask(async (wanted) => {
    const challenge = await act.drawChallenge();
    if (!challenge || !wanted()) return null;
    const { action, challenge_id } = challenge;
    setMoment({ phase: 'look', action, taken: 0 });
    const images = await takeTurn(camera.video.current, {
      wanted,
      crop: turnCrop(action, gate.latest.current),
      turn: () => setMoment((old) => ({ ...old, phase: 'turn' })),
      taken: (taken) => setMoment((old) => ({ ...old, taken })),
    });
    return images && { images, challenge_id };
  });
  const skip = () => ask(async (wanted) => ({
    images: await takeFrames(camera.video.current, {
      latest: gate.latest, wanted, ask: () => { setMoment({ ...REST, phase: 'pose' }); tell(TURN_A_LITTLE.clip).catch(() => {}); },
    }),
  }));
  function stop() {
    round.current += 1;
    setMoment(REST);
    act.stopAsking();
  }

  const arrow = moment.phase === 'turn' ? arrowOf(moment.action, camera.mirrored) : null;
  const resting = moment.phase === 'rest';
  const blocked = !camera.ready || busy || !mayTake(gate);
  return html`<div class="face"><${Notice} problem=${camera.problem} />
    ${resting && sale.noMatch && html`<${BirthDate} day=${sale.birthDate} onTap=${onDate} />`}
    <p class=${`asked ${moment.phase} ${sale.faceFailures ? 'again' : ''}`} role="status" data-test="asked">
      <${Sign} name=${arrow ? `to-${arrow}` : 'face'} /><span>${words(moment, camera)}</span></p>
    ${resting && html`<${Gate} gate=${gate} />`}
    <${Viewfinder} camera=${camera} share=${moment.taken / TURN_FRAMES} arrow=${arrow} fixed=${!resting} />
    ${resting
    ? html`<${Rest} again=${sale.faceFailures > 0} disabled=${blocked} onMove=${move} onSkip=${skip} />`
    : html`<div class="foot"><${Key} test="stop" look="quiet wide" onTap=${stop}>
        <${Sign} name="cross" /><span>Berhenti</span></${Key}></div>`}
  </div>`;
}

/** @param {any} moment @param {any} camera */
function words({ phase, action }, { mirrored }) {
  if (phase === 'turn') return askOf(action, mirrored);
  if (phase === 'pose') return TURN_A_LITTLE.word;
  return phase === 'sent' ? 'Sebentar, sedang dikenali' : LOOK_STRAIGHT;
}

/** @param {{day: string|null, onTap: () => void}} props */
function BirthDate({ day, onTap }) {
  return html`<${Key} test="birth-date" look="field wide" onTap=${onTap}><span>Tanggal lahir (boleh dilewati)</span>
    <strong data-test="birth-date-typed">${day ? day.split('-').reverse().join(' ') : 'Belum diisi'}</strong></${Key}>`;
}

/** Before and between the tries. @param {any} props */
function Rest({ again, disabled, onMove, onSkip }) {
  return html`${!again && html`<p class="hint">${FACE_HINT} Setelah mulai, Ibu/Bapak diminta menengok sedikit ke samping.</p>`}
    <div class="foot start-or-skip">
      <${Key} test="skip-turn" look="quiet wide" once disabled=${disabled} onTap=${onSkip}><${Sign} name="skip" /><span>Lewati gerakan</span></${Key}>
      <${Key} test="start-turn" look="primary" once disabled=${disabled} onTap=${onMove}><${Sign} name="camera" />
        <span>${again ? 'Ulangi' : 'Mulai'}</span></${Key}>
    </div>`;
}

/** A birth date said aloud opens the families of the whole nation born that day. @param {{onDone: (day: string|null) => void}} props */
function SpokenDate({ onDone }) {
  const [text, setText] = useState('');
  const day = dayOf(text);
  return html`<div class="digits"><h2>Tanggal lahir (boleh dilewati)</h2>
    <output class="typed" data-test="typed">${spaced(text) || ' '}</output>
    ${text.length === DATE_DIGITS && !day
    ? html`<p class="slip" role="alert" data-test="slip"><${Sign} name="warn" /><span>${SLIP}</span></p>`
    : html`<p class="hint">Tanggal, bulan, tahun. Contoh: 07 03 1968.</p>`}
    <${Keypad} onPress=${(key) => setText((old) => press(old, key, { digitsMax: DATE_DIGITS }))} />
    <div class="foot">
      <${Key} test="date-skip" look="quiet wide" onTap=${() => onDone(null)}><${Sign} name="skip" /><span>Lewati tanggal lahir</span></${Key}>
      <${Key} test="date-next" look="primary" once disabled=${!day} onTap=${() => onDone(day)}>Lanjut ke kamera</${Key}>
    </div>
  </div>`;
}

/** After three tries without success the next way comes first. @param {any} props */
function Ladder({ act }) {
  const [first, ...others] = LADDER;
  return html`<div class="ladder" data-test="ladder"><h2>Pakai cara lain dahulu</h2>
    <p class="hint">Wajah belum terbaca tiga kali. Bantuan Ibu/Bapak tetap utuh.</p>
    <${Key} test=${`ladder-${first.way}`} look="primary" onTap=${() => act.chooseWay(first.way)}><${Sign} name=${first.sign} /><span>${first.word}</span></${Key}>
    ${others.map(({ way, sign, word }) => html`<${Key} key=${way} test=${`ladder-${way}`} look="wide" onTap=${() => act.chooseWay(way)}>
      <${Sign} name=${sign} /><span>${word}</span></${Key}>`)}
    <${Key} test="face-again" look="quiet wide" onTap=${act.faceAgain}><${Sign} name="face" /><span>Coba wajah lagi</span></${Key}>
  </div>`;
}
