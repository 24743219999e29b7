// On every page of staff: the service worker, when to send, the count beside "Outbox", and the guard at sign-out.

import { make } from './dom.js';
import { refreshIfItCan } from './school.js';
import { flush } from './send.js';
import { guardSignOut } from './sign_out.js';
import * as store from './store.js';

const FIRST = 2_000;
const LONGEST = 300_000;
const DAY = 86_400_000;
const FRESH = 300_000; // what is known may be this old when a page opens

let clock;
let pause = FIRST;

/** Send now what waits, and later again where that did not do. Answers as `flush`. */
export async function sendNow() {
  pause = FIRST;
  return go();
}

async function go() {
  clearTimeout(clock);
  let how = 'later';
  try {
    how = await flush();
  } catch (error) {
    self.reportError(error);
  }
  clearTimeout(clock);
  if (how === 'later' || how === 'busy') {
    clock = setTimeout(go, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, LONGEST);
  } else pause = FIRST;
  return how;
}

/** Whether the shell could be put on this phone: 'ready', or why not in words for a person. */
export const worker = register();

async function register() {
  if (!navigator.serviceWorker) return 'This browser cannot open the app without signal (a private window cannot).';
  try {
    const place = await navigator.serviceWorker.register('/sw.js', { type: 'module', scope: '/' });
    if (place.active && !await caches.match('/staff/outbox', { ignoreSearch: true })) place.active.postMessage('fill');
    return 'ready';
  } catch (error) {
    return `This browser has not kept the app for when there is no signal (${error.name}). Open this page once more where there is signal.`;
  }
}

/** Where the browser can, it wakes the worker once there is signal, with no page open. */
async function wake() {
  const place = await navigator.serviceWorker?.getRegistration();
  if (!place?.active || !place.sync) return;
  try {
    await place.sync.register('outbox');
  } catch (error) {
    if (error.name !== 'NotAllowedError' && error.name !== 'InvalidAccessError') throw error; // switched off: a bonus only
  }
}

/** Something changed in the store: count, and send what was never tried. */
async function look() {
  const me = (await store.known())?.me.id;
  const mine = (await store.rows()).filter((row) => row.owner === me && row.state !== store.AT_SCHOOL);
  for (const link of document.querySelectorAll('[data-outbox]')) link.textContent = mine.length ? `Outbox (${mine.length})` : 'Outbox';
  nag(mine.filter((row) => Date.now() - row.frozen > DAY));
  if (!mine.some((row) => row.state === store.SAVED && row.tries === 0)) return;
  sendNow();
  await wake();
}

function nag(old) {
  document.getElementById('nag')?.remove();
  if (!old.length || location.pathname === '/staff/outbox') return;
  const since = new Intl.DateTimeFormat('en-GB', { weekday: 'long', hour: '2-digit', minute: '2-digit' }).format(Math.min(...old.map((row) => row.frozen)));
  const words = old.length === 1 ? 'An update has been waiting' : `${old.length} updates have been waiting`;
  document.getElementById('main').prepend(make('p', { id: 'nag', class: 'ask' }, `${words} on this phone since ${since}. `, make('a', { href: '/staff/outbox' }, 'Open the outbox')));
}

/** Ask the browser to throw nothing away by itself, once there is something to lose. */
async function persist() {
  if (!navigator.storage?.persist || await navigator.storage.persisted()) return;
  if (await store.holdsAnything()) await navigator.storage.persist();
}

let soon;
store.listen((what) => {
  if (what.total !== undefined) return;
  clearTimeout(soon);
  soon = setTimeout(look, 50);
});
addEventListener('online', sendNow);
document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') sendNow(); });
addEventListener('pageshow', (event) => { if (event.persisted) sendNow(); });
document.querySelectorAll('form[data-sign-out]').forEach((form) => guardSignOut(form, sendNow));

start();

async function start() {
  await store.dropEnded();
  await look();
  persist().catch(self.reportError); // Firefox asks a person, who may never answer
  await go();
  await refreshIfItCan({ older: FRESH });
}
