// The service worker: keeps the shell on the phone, and sends where the browser wakes it. /sw.js puts VERSION, PAGES and
// FILES before it, so that another shell is another worker. What is written is in the store, which no version drops.

import { flush } from '/static/js/phone/send.js';

const OUTBOX = '/staff/outbox';

/** Keep the whole shell, or nothing: pages without anybody's name, and the files they need. */
async function fill() {
  const cache = await caches.open(VERSION);
  const addresses = [...PAGES.map((page) => `${page}?shell=1`), ...FILES];
  await cache.addAll(addresses.map((address) => new Request(address, { cache: 'reload', redirect: 'error' })));
}

function kept(path) { return caches.match(path, { cacheName: VERSION, ignoreSearch: true }); }

async function dropOthers() {
  for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
}

self.addEventListener('install', (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(dropOthers().then(() => self.clients.claim())));

// After a sign-out the shell is gone; the next page of somebody signed in asks for it again.
self.addEventListener('message', (event) => { if (event.data === 'fill') event.waitUntil(fill()); });

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (FILES.includes(pathname)) event.respondWith(first(pathname, request));
  else if (request.mode === 'navigate') {
    const plain = searchParams.has('plain') || searchParams.has('shell');
    if (PAGES.includes(pathname) && !plain) event.respondWith(first(pathname, request));
    else if (pathname.startsWith('/staff/') && !pathname.startsWith('/staff/photos/')) event.respondWith(orOutbox(request));
  }
});

async function first(path, request) { return await kept(path) ?? fetch(request); }

/** Without signal every page of staff is the outbox: it says why, and what can be done. */
async function orOutbox(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await kept(OUTBOX);
    if (!page) throw error;
    return page;
  }
}

// A few words, encrypted for this phone alone (telling/letters.py); a tap opens the page, or looks at the one that is open.
self.addEventListener('push', (event) => {
  const { title, body, path } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag: path, data: path, icon: '/static/icon-192.png' }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});

async function show(path) {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = pages.find(({ url }) => new URL(url).pathname === path);
  return open ? open.focus() : clients.openWindow(path);
}

// Waits for a page that is sending; throws where anything is left, for then the browser tries again.
self.addEventListener('sync', (event) => {
  if (event.tag === 'outbox') event.waitUntil(flush({ wait: true }).then((how) => { if (how !== 'done') throw new Error(how); }));
});
