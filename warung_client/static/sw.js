// Keeps the till's files on the tablet: it starts without signal, and a new version waits until it is let in.

/** Put before this file by the server: the version and the names of its files, each with the head of its ETag. */
const own = /** @type {ServiceWorkerGlobalScope & {SHELL: {version: string, critical: Kept[], later: Kept[], lazy: Kept[]}}} */ (/** @type {unknown} */ (self));
/** @typedef {[string, string]} Kept a name and the head of its ETag */
const { version, critical, later, lazy } = own.SHELL;
const PREFIX = 'ewarong-shell-';
const NOW = PREFIX + version;
const ACTIVATED = 'activated'; // a mark in the store of a version that once ran
const SCOPE = new URL('./', own.location.href).pathname;
const PAGE = 'index.html';

own.addEventListener('install', (event) => {
  event.waitUntil(keep([...critical, ...later]).then(() => {
    if (!own.registration.active) own.skipWaiting(); // the very first version displaces nobody
  }));
});

own.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => own.clients.claim()));
});

own.addEventListener('message', (event) => {
  if (event.data === 'TAKE_OVER') own.skipWaiting();
  if (event.data === 'STOCK') event.waitUntil(stock());
});

own.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== own.location.origin || !url.pathname.startsWith(SCOPE)) return;
  event.respondWith(answer(request, url));
});

/** From the tablet first: a page of the version before finds its own files. @param {Request} request @param {URL} url */
async function answer(request, url) {
  const name = request.mode === 'navigate' ? PAGE : url.pathname.slice(SCOPE.length) || PAGE;
  const asked = url.searchParams.get('v') ?? version;
  if (await caches.has(PREFIX + asked)) {
    const found = await (await caches.open(PREFIX + asked)).match(name);
    if (found) return found;
  }
  const fetched = await fetch(request);
  if (fetched.ok && asked === version && lazy.some(([each]) => each === name)) {
    const copy = fetched.clone();
    caches.open(NOW).then((cache) => cache.put(name, copy)).catch(() => {}); // a full tablet: asked again next time
  }
  return fetched;
}

/** All of these or none; what did not change is taken from the version before. @param {Kept[]} files */
async function keep(files) {
  const cache = await caches.open(NOW);
  await Promise.all(files.map(async ([name, tag]) => {
    if (await cache.match(name)) return;
    const answered = await before(name, tag) ?? await fetch(`${name}?v=${version}`);
    if (!answered.ok) throw new Error(`${name}: ${answered.status}`);
    await cache.put(name, answered);
  }));
}

/** @param {string} name @param {string} tag @returns {Promise<Response|undefined>} */
async function before(name, tag) {
  for (const one of await stores()) {
    const found = await (await caches.open(one)).match(name);
    if (found?.headers.get('ETag')?.startsWith(`"${tag}`)) return found;
  }
  return undefined;
}

/** The tools that are asked for seldom, one after the other, when the page says that it is quiet. */
async function stock() {
  for (const file of lazy) {
    try {
      await keep([file]);
    } catch {
      return; // no signal, or no room: the next time goes on from here
    }
  }
}

/** Keeps this version and the one that ran before it. */
async function tidy() {
  const cache = await caches.open(NOW);
  await cache.put(ACTIVATED, new Response(''));
  const others = (await stores()).filter((one) => one !== NOW);
  const ran = [];
  for (const one of others) {
    if (await (await caches.open(one)).match(ACTIVATED)) ran.push(one);
  }
  const previous = ran.at(-1);
  await Promise.all(others.filter((one) => one !== previous).map((one) => caches.delete(one)));
}

/** Stores of versions, the oldest first. */
async function stores() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}
