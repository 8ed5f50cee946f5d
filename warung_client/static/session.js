// Who works at this till: the device's credentials, the cashier's log-in, and a fresh token.

import { read, request, Unreachable } from './api.js';

/** @typedef {import('./types.js').Device} Device */
/** @typedef {import('./types.js').Answer} Answer */

const DEVICES_KEY = 'ewarong.devices';
const SESSION_KEY = 'ewarong.session';
const REFRESH_BEFORE_MS = 60_000;
const CLOCK_STEP_MS = 60_000; // somebody set the tablet's clock

/**
 * @param {{send: typeof fetch, devices: Storage, tab: Storage, now?: () => number, prove?: import('./proving.js').Prove}} around
 */
export function openSession({ send, devices, tab, now = Date.now, prove = async () => null }) {
  let current = JSON.parse(tab.getItem(SESSION_KEY) ?? 'null');
  /** @type {Promise<boolean>|null} */
  let refreshing = null;

  function keep(body) {
    const answeredAt = now();
    current = body && {
      ...current, ...body,
      expiresAt: answeredAt + body.expires_in * 1000,
      skewMs: body.server_time ? new Date(body.server_time).getTime() - answeredAt : current?.skewMs ?? 0,
    };
    if (current) tab.setItem(SESSION_KEY, JSON.stringify(current));
    else tab.removeItem(SESSION_KEY);
  }

  /** Each answer tells the engine's time: it holds, whatever is done to the tablet's clock. @param {Response} response */
  function hearTime(response) {
    const skewMs = Date.parse(response.headers.get('Date') ?? '') - now();
    if (!current || !(Math.abs(skewMs - current.skewMs) > CLOCK_STEP_MS)) return response;
    current = { ...current, skewMs };
    tab.setItem(SESSION_KEY, JSON.stringify(current));
    return response;
  }

  const serverNow = () => now() + (current?.skewMs ?? 0);
  /** @param {string} deviceId @returns {(what: import('./api.js').Asked) => Promise<string|null>} */
  const signAs = (deviceId) => (what) => prove({ ...what, deviceId, atMs: serverNow() });
  /** A session that the engine bound to this tablet's key signs each request. */
  const sign = () => (current?.bound ? signAs(current.device_id) : undefined);

  async function renew() {
    const answer = await read(await request(send, '/v1/sessions/refresh', {
      method: 'POST', body: { refresh_token: current.refresh_token }, sign: signAs(current.device_id),
    }));
    if (answer.status !== 200) return false;
    keep(answer.body);
    return true;
  }

  /** Asks once for a new token, however many calls wait for it. */
  function refresh() {
    refreshing ??= renew().finally(() => { refreshing = null; });
    return refreshing;
  }

  /** @param {string} path @param {object} [what] @returns {Promise<Response>} */
  async function authorised(path, what) {
    if (current && current.expiresAt - now() < REFRESH_BEFORE_MS) await refresh();
    const response = hearTime(await request(send, path, { ...what, token: current?.access_token, sign: sign() }));
    if (response.status !== 401 || !current || current.alone || !(await refresh())) return response;
    return request(send, path, { ...what, token: current.access_token, sign: sign() });
  }

  return {
    get current() { return current; },
    /** The engine's clock as far as this till knows it. */
    serverNow,
    prove,
    authorised,
    /** @param {string} path @param {object} [what] @returns {Promise<Answer>} */
    call: async (path, what) => read(await authorised(path, what)),

    /** @param {Device} device @param {string} pin @returns {Promise<Answer>} */
    async enter(device, pin) {
      const { device_id, device_secret, staff_id } = device;
      const answer = await read(await request(send, '/v1/sessions', {
        method: 'POST', body: { device_id, device_secret, staff_id, pin }, sign: signAs(device_id),
      }));
      if (answer.status < 300) keep({ ...answer.body, device_id, staff_id, alone: false });
      return answer;
    },
    /** A cashier whom this tablet let in by itself, while the engine is away; the engine asks for the PIN again. @param {any} known */
    adopt(known) {
      current = { ...known, access_token: null, refresh_token: null, expiresAt: Number.MAX_SAFE_INTEGER, alone: true };
      tab.setItem(SESSION_KEY, JSON.stringify(current));
    },
    async leave() {
      const [token, signed] = [current?.access_token, sign()];
      keep(null);
      if (token) {
        await request(send, '/v1/sessions', { method: 'DELETE', token, sign: signed }).catch((failure) => {
          if (!(failure instanceof Unreachable)) throw failure; // the token dies by itself
        });
      }
    },

    /** @returns {Device[]} the log-ins set up on this device */
    installed: () => JSON.parse(devices.getItem(DEVICES_KEY) ?? '[]'),
    /** @param {Device} device */
    install(device) {
      const others = this.installed().filter((one) => one.staff_id !== device.staff_id);
      devices.setItem(DEVICES_KEY, JSON.stringify([...others, device]));
    },
    /** @returns {Promise<Device[]>} the sample log-ins of a demo server; none elsewhere */
    async samples() {
      const answer = await read(await request(send, '/demo/devices'));
      const staff = answer.status === 200 ? answer.body.staff : [];
      return staff.filter(({ role, shop_id }) => shop_id && ['KASIR', 'PEMILIK'].includes(role));
    },
  };
}
