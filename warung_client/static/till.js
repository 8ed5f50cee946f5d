// Starts the till: joins the store, the session and the screens.

import { Unreachable } from './api.js';
import { choosing } from './choosing.js';
import { entering } from './entering.js';
import { paying } from './paying.js';
import { voiding } from './voiding.js';
import { alarm, purchaseSender } from './purchase.js';
import { openSession } from './session.js';
import { showing } from './showing.js';
import { visiting } from './visiting.js';
import { BEGINNING, createStore } from './state.js';
import { html, render, useEffect, useState } from './view.js';
import { NO_ANSWER, refusal, SESSION_OVER, UNEXPECTED } from './words.js';
import { Agree } from './screens/agree.js';
import { Basket } from './screens/basket.js';
import { Cancel } from './screens/cancel.js';
import { Frame } from './screens/frame.js';
import { Result } from './screens/result.js';
import { Start } from './screens/start.js';
import { Today } from './screens/today.js';
import { Who } from './screens/who.js';

const SCREENS = { start: Start, cart: Basket, who: Who, agree: Agree, result: Result, today: Today, cancel: Cancel };
/** Screens a sale does not need, loaded when they are first opened (`export function Screen`). */
const LATER = {
  menu: () => import('./screens/menu.js'),
};

/** @returns {any} everything the actions share */
function openTill() {
  const store = createStore(BEGINNING);
  const tab = window.sessionStorage;
  const session = openSession({ send: (path, init) => fetch(path, init), devices: window.localStorage, tab });
  const waker = alarm();
  const sender = purchaseSender(session.call, waker.sleep);
  const till = { store, session, sender, tab, alarm: waker };
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
    if (answer.status === 401) await till.signIn(SESSION_OVER);
    else store.set({ problem: refusal(answer) });
    return false;
  };
  return till;
}

/** A screen that comes when it is asked for; its module exports it as `Screen`. @param {any} props */
function Later(props) {
  const [Screen, setScreen] = useState(null);
  const { till, act, state } = props;
  useEffect(() => {
    LATER[state.screen]().then(({ Screen: found }) => setScreen(() => found)).catch(() => {
      act.toCart();
      till.store.set({ problem: NO_ANSWER });
    });
  }, []);
  return Screen ? html`<${Screen} ...${props} />` : html`<p class="lead" role="status">Sebentar...</p>`;
}

/** @param {{till: any, act: any}} props */
function Till({ till, act }) {
  const [state, setState] = useState(till.store.get());
  useEffect(() => till.store.watch(setState), []);
  useEffect(() => {
    window.scrollTo(0, 0);
    if (document.activeElement === document.body) document.querySelector('main').focus();
  }, [state.screen, state.sale?.way, state.sale?.asking]);
  const Screen = SCREENS[state.screen] ?? Later;
  return html`<${Frame} state=${state} act=${act}><${Screen} state=${state} act=${act} till=${till} key=${state.screen} /></${Frame}>`;
}

const till = openTill();
const act = { ...entering(till), ...choosing(till), ...paying(till), ...voiding(till), ...showing(till), ...visiting(till) };
render(html`<${Till} till=${till} act=${act} />`, document.getElementById('till'));
act.begin();
