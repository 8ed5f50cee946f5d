// Starts the till: joins the store, the session and the screens.

import { Unreachable } from './api.js';
import { choosing } from './choosing.js';
import { entering } from './entering.js';
import { selling } from './selling/selling.js';
import { proving } from './proving.js';
import { openSession } from './session.js';
import { visiting } from './visiting.js';
import { hangDrawings } from './drawings.js';
import { apart, TRAINING } from './training/here.js';
import { offlineDoor } from './offline/door.js';
import { dress, isUsual, look, wear } from './look.js';
import { basketAgain, BEGINNING, createStore } from './state.js';
import { html, render, useEffect, useState } from './view.js';
import { NO_ANSWER, refusal, SESSION_OVER, UNEXPECTED } from './words.js';
import { SIGNAL_BACK } from './words/signal.js';
import { Basket, bringParts } from './screens/basket.js';
import { Frame } from './screens/frame.js';
import { Start } from './screens/start.js';

/** What stands there before the first goods key; everything else comes after it. */
const SCREENS = { start: Start, cart: Basket };
/** The rest of a sale, fetched as soon as the first screen stands. */
const SALE = {
  who: () => import('./screens/who.js').then(({ Who }) => Who),
  agree: () => import('./screens/agree.js').then(({ Agree }) => Agree),
  result: () => import('./screens/result.js').then(({ Result }) => Result),
  today: () => import('./screens/today.js').then(({ Today }) => Today),
  cancel: () => import('./screens/cancel.js').then(({ Cancel }) => Cancel),
};
/** Screens a sale does not need, loaded when they are first opened (`export function Screen`). */
const LATER = {
  menu: () => import('./screens/menu.js'),
  'who-offline': () => import('./offline/screens/who.js'),
  'agree-offline': () => import('./offline/screens/agree.js'),
  pending: () => import('./offline/screens/pending.js'),
  allowances: () => import('./offline/screens/allowances.js'),
  device: () => import('./offline/screens/device.js'),
  enrol: () => import('./offline/screens/device.js'),
  look: () => import('./screens/look.js'),
  receipt: () => import('./screens/receipt.js'),
  shift: () => import('./screens/shift.js'),
  stock: () => import('./screens/stock.js'),
  money: () => import('./screens/money.js'),
  complaints: () => import('./screens/complaints.js'),
  printer: () => import('./screens/printer.js'),
  guide: () => import('./screens/guide.js'),
  training: () => import('./screens/training.js'),
  cash: () => import('./screens/cash.js'),
  cashday: () => import('./screens/cashday.js'),
  prices: () => import('./screens/prices.js'),
  scan: () => import('./screens/scan.js'),
};
const TRY_AGAIN_MS = 2_000;
/** @type {Record<string, any>} screens that came */
const here = { ...SCREENS };

/** @returns {any} everything the actions share */
function openTill() {
  const store = createStore(BEGINNING);
  const tab = apart(window.sessionStorage);
  const device = apart(window.localStorage);
  /** @type {any} */
  const till = { store, tab, device };
  const session = openSession({ send: (path, init) => fetch(path, init), devices: device, tab, prove: proving(till) });
  till.session = session;
  till.offline = offlineDoor(till);
  let current = 0;

  /** Runs one step at a time; a missing answer becomes a sentence, never a silence. */
  till.attempt = async (work) => {
    if (store.get().busy) return;
    current += 1;
    const mine = current;
    store.set({ busy: true, problem: null });
    try {
      await work();
    } catch (failure) {
      if (mine === current) store.set({ problem: failure instanceof Unreachable ? NO_ANSWER : UNEXPECTED });
      if (!(failure instanceof Unreachable)) console.error(failure);
    } finally {
      if (mine === current) store.set({ busy: false });
    }
  };

  /** Waits no longer for the step that runs: its answer is dropped where it arrives. */
  till.abandon = () => {
    current += 1;
    store.set({ busy: false });
  };

  /** A refusal by HTTP status: say it; without a session, ask to log in again. */
  till.refuse = async (answer) => {
    if (answer.status === 401) till.offline.askWhy();
    if (answer.status === 401) await till.signIn(session.current?.alone ? SIGNAL_BACK : SESSION_OVER);
    else store.set({ problem: refusal(answer) });
    return false;
  };
  return till;
}

/** Brings a screen here. @param {string} name */
async function bring(name) {
  here[name] ??= SALE[name] ? await SALE[name]() : (await LATER[name]()).Screen;
}

/** A screen that is still on its way; without signal it is asked for again, a sale is never left. @param {any} props */
function Later({ till, state: { screen }, came }) {
  useEffect(() => {
    let gone = false;
    const fetched = () => bring(screen).then(came).catch(() => {
      if (gone) return;
      till.store.set({ problem: NO_ANSWER });
      if (SALE[screen]) setTimeout(fetched, TRY_AGAIN_MS);
      else till.store.set(basketAgain);
    });
    fetched();
    return () => { gone = true; };
  }, []);
  return html`<p class="lead" role="status">Sebentar...</p>`;
}

/** @param {{till: any, act: any}} props */
function Till({ till, act }) {
  const [state, setState] = useState(till.store.get());
  useEffect(() => till.store.watch(setState), []);
  useEffect(() => {
    window.scrollTo(0, 0);
    if (document.activeElement === document.body) document.querySelector('main').focus();
  }, [state.screen, state.sale?.way, state.sale?.asking]);
  const [, setCame] = useState(0);
  const Screen = here[state.screen] ?? Later;
  return html`<${Frame} state=${state} act=${act} strips=${till.strips}><${Screen} state=${state} act=${act} till=${till} came=${() => setCame((old) => old + 1)}
    key=${`${state.screen} ${Screen === Later}`} /></${Frame}>`;
}

hangDrawings().catch(() => {}); // words stand beside them
const ground = TRAINING ? await import('./training/ground.js') : null;
const learner = ground?.fenceOff(); // before anything is asked or read
const till = openTill();
till.strips = ground ? [ground.Practice] : [];
/** @type {Record<string, any>} */
const acts = { ...entering(till), ...choosing(till), ...visiting(till) };
selling(till);
/** @type {Promise<any>|null} */
let coming = null;
/** The rest of the acts; whoever taps before they are here waits for them. */
till.ready = () => {
  coming ??= Promise.all([import('./sale.js'), import('./after.js')]).then(([{ saleActs }, { after }]) => {
    Object.assign(acts, saleActs(till));
    after(till, acts);
  }).catch((failure) => {
    coming = null;
    throw failure;
  });
  return coming;
};
const act = new Proxy(acts, {
  get: (known, name) => known[String(name)] ?? ((/** @type {any[]} */ ...all) => (
    till.ready().then(() => known[String(name)](...all)).catch((failure) => {
      console.error(failure);
      till.store.set({ problem: NO_ANSWER });
    }))),
});
till.act = act;
const chosen = look();
wear(chosen);
if (!isUsual(chosen)) await dress(); // colours and letters before the first screen
if (chosen.language !== 'id') {
  // without signal on a first visit: Indonesian
  await import('./language.js').then(({ speakIn }) => speakIn(chosen.language)).catch(() => {});
}
const place = document.getElementById('till');
const remembered = !learner && till.openRemembered();
if (remembered) place.replaceChildren(); // else the page's own title stays where it is
render(html`<${Till} till=${till} act=${act} />`, place);

/** What the first screen does without. */
function bringRest() {
  dress();
  till.ready().catch(() => {}); // asked again by the first tap
  bringParts();
  for (const name of Object.keys(SALE)) bring(name).catch(() => {}); // Later asks again
  import('./shell.js').then(({ keepShell }) => keepShell(till)).catch(() => {});
}
const begun = learner ? act.enter(learner, learner.pin) : act.begin();
if (remembered) requestAnimationFrame(() => setTimeout(bringRest)); // the keys are drawn
else begun.finally(bringRest);
