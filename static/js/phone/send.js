// Sends what waits in the outbox, each thing once: from a page or from the service worker, and only from one of them at a time.

import { NoAnswer, read, Refused, refresh } from './school.js';
import * as store from './store.js';

const MINUTE = 60_000;
const OLD = 3_600_000; // a message that goes out at once, and says how things stand, must not go out much later
const STALL = 30_000; // without a byte going out
const SLOWEST = 4; // bytes per millisecond: less than that is no signal
const REFUSALS = new Set([403, 404, 409, 413, 415, 422]); // only a person can go on
const BUSY = new Set([429, 503]); // the school has its hands full: another photo would be sent for nothing
const OF_A_PHOTO = new Set([413, 415, 422]);
const TO_SEND = new Set([store.SAVED, store.RETRY, store.SIGN_IN]);

/** It was changed or deleted on this phone while it was being sent. */
class Overtaken extends Error {}

/**
 * Send everything of the signed-in person. Answers 'done' (nothing is left that sending could help), 'later' (try again),
 * 'sign_in', or 'busy' (another page or the worker is at it; with `wait`, wait for that one first).
 * `progress` gets {id, sent, total, photo, photos}: bytes, and which of how many photos.
 */
export function flush({ wait = false, progress = store.tell } = {}) {
  const how = wait ? {} : { ifAvailable: true };
  return navigator.locks.request('outbox', how, (lock) => (lock ? sendAll(progress) : 'busy'));
}

async function sendAll(progress) {
  const tried = new Set();
  let arrived = false;
  let left = false;
  let sure = false; // who is signed in at this moment
  try {
    for (let row = await next(tried); row; row = await next(tried)) {
      tried.add(row.id + row.revision);
      let { me } = await refresh({ older: MINUTE });
      if (row.owner !== me.id && !sure) { sure = true; ({ me } = await refresh()); } // somebody else may have signed in since
      if (row.owner !== me.id) continue; // theirs to send
      const sent = await attempt(row, progress);
      arrived ||= sent === true;
      left ||= sent === false;
    }
    if (arrived) await refresh();
  } catch (error) {
    if (error.status === 401 || error.status === 403) { await askToSignIn(); return 'sign_in'; }
    if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
    return await next(new Set()) ? 'later' : 'done';
  }
  return left ? 'later' : 'done';
}

/** Messages first, for they are tiny; then what was tried least, so that one that never gets through holds up no other. */
async function next(tried) {
  const rank = (row) => (row.kind === store.MESSAGE ? 0 : 1);
  const waiting = (await store.rows()).filter((row) => TO_SEND.has(row.state) && !tried.has(row.id + row.revision));
  return waiting.sort((a, b) => rank(a) - rank(b) || a.tries - b.tries)[0];
}

async function askToSignIn() {
  for (const row of await store.rows()) {
    if (row.state === store.SAVED || row.state === store.RETRY) await store.mark(row.id, row.revision, { state: store.SIGN_IN });
  }
}

/** Try one row. Answers true (arrived), false (try again), null (nothing more to try). Raises where the next would fare no better. */
async function attempt(row, progress) {
  const mark = (state, why = '', reasons = [], elsewhere = false) => store.mark(row.id, row.revision, { state, why, reasons, elsewhere });
  await store.mark(row.id, row.revision, { tries: row.tries + 1 }); // written down before the wire: part of it may arrive
  try {
    await DELIVER[row.kind](row, progress);
    return true;
  } catch (error) {
    if (error instanceof Overtaken) return null;
    if (error instanceof NoAnswer || error.status === 401 || BUSY.has(error.status)) {
      await mark(error.status === 401 ? store.SIGN_IN : store.RETRY, error.status === 503 ? error.title : '');
      if (error.status === 401) await store.note('signed_out', true);
      throw error;
    }
    if (!(error instanceof Refused)) self.reportError(error); // a fault of ours must not hold up the others
    if (!REFUSALS.has(error.status)) { await mark(store.RETRY); return false; }
    if ((error.status === 403 || error.status === 404) && (await refresh()).me.id !== row.owner) return null;
    if (row.kind === store.DISCARD && error.status === 404) { await store.deleteRow(row.id); return true; } // nothing there to delete
    await mark(store.NEEDS_YOU, error.title, error.reasons, error.status === 409);
    return null;
  }
}

const DELIVER = {
  [store.DISCARD]: async (row) => {
    await ask('DELETE', row, '', null);
    await store.deleteRow(row.id);
  },
  [store.MESSAGE]: async (row) => {
    if (Date.now() - row.frozen > OLD && !await isThere(row)) {
      throw new Refused(422, 'This was written more than an hour ago, so it was not sent by itself. It may not be true any more.');
    }
    await ask('PUT', row, '/message', row.body, JSON_TYPE);
    await store.arrived(row.id, row.revision, '', []);
  },
  [store.UPDATE]: async (row, progress) => {
    progress({ id: row.id, sent: 0, total: 1, photo: Math.min(1, row.photos.length), photos: row.photos.length });
    const told = await ask('PUT', row, '', row.body, JSON_TYPE);
    // Not a draft: it was submitted, and only the answer was lost. To submit it again could undo what the head said since.
    if (!told.state || told.state === 'draft') {
      await sendPhotos(row, told.have ?? [], progress);
      await sameStill(row);
      await submit(row);
    } else await store.arrived(row.id, row.revision, '', []);
  },
};

/** Whether an earlier try arrived after all. */
async function isThere(row) {
  try {
    await ask('GET', row, '', null);
    return true;
  } catch (error) {
    if (error.status !== 404) throw error;
    return false;
  }
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

async function sendPhotos(row, have, progress) {
  for (const [place, photo] of row.photos.entries()) {
    if (have.includes(photo.id)) continue;
    await sameStill(row);
    const picture = await store.picture(photo.id);
    const called = row.photos.length > 1 ? `Photo ${place + 1}` : 'The photo';
    if (!picture) throw new Refused(422, `${called} is not on this phone any more.`, ['Change the update: add the photo again, or take it out.']);
    const headers = { 'Content-Type': picture.type || 'application/octet-stream', 'Content-Digest': `sha-256=:${photo.sha256}:` };
    const tell = nowAndThen((sent) => progress({ id: row.id, sent, total: photo.bytes, photo: place + 1, photos: row.photos.length }));
    tell(0);
    try {
      await ask('PUT', row, `/photos/${photo.id}`, picture.buf, headers, photo.id, tell);
    } catch (error) {
      if (!OF_A_PHOTO.has(error.status)) throw error;
      throw new Refused(error.status, `${called}: ${error.title}`, error.reasons);
    }
  }
}

/** At most a few times a second: every tab hears it. */
function nowAndThen(tell) {
  let last = 0;
  return (sent) => {
    if (Date.now() - last < 250) return;
    last = Date.now();
    tell(sent);
  };
}

async function submit(row) {
  try {
    await ask('POST', row, '/submit', JSON.stringify({ revision: row.revision }), JSON_TYPE);
    await store.arrived(row.id, row.revision, '', []);
  } catch (error) {
    if (error.status !== 422) throw error;
    // Its pictures leave this phone only once the school says itself that it has them all.
    const { have } = await ask('PUT', row, '', row.body, JSON_TYPE);
    if (!row.photos.every((photo) => have.includes(photo.id))) throw new Refused(503, error.title, error.reasons);
    await store.arrived(row.id, row.revision, error.title, error.reasons);
  }
}

/** Go on only with what the phone still means to send. */
async function sameStill(row) {
  if ((await store.row(row.id))?.revision !== row.revision) throw new Overtaken();
}

/** One request about a row. Sent means 200, JSON, and the id that was meant. Raises Refused, NoAnswer. */
async function ask(method, row, path, body, headers = {}, id = row.id, progress = () => {}) {
  const carry = 'XMLHttpRequest' in self ? byPage : byWorker;
  const said = read(...await carry(method, `/api/updates/${row.id}${path}`, body, headers, progress));
  if (said.id !== id) throw new NoAnswer();
  return said;
}

function longest(body) { return STALL + (body?.byteLength ?? body?.length ?? 0) / SLOWEST; }

/** In a page: what goes out is seen, and a stall is noticed. */
function byPage(method, address, body, headers, progress) {
  return new Promise((done, fail) => {
    const wire = new XMLHttpRequest();
    let clock;
    const within = (time) => { clearTimeout(clock); clock = setTimeout(() => wire.abort(), time); };
    const broken = () => { clearTimeout(clock); fail(new NoAnswer()); };
    wire.open(method, address);
    wire.responseType = 'text';
    for (const [name, value] of Object.entries(headers)) wire.setRequestHeader(name, value);
    wire.upload.addEventListener('progress', (event) => { within(STALL); progress(event.loaded); });
    wire.upload.addEventListener('load', () => within(longest(body))); // handed over; much of it may still wait in the phone
    wire.addEventListener('load', () => {
      clearTimeout(clock);
      const moved = new URL(wire.responseURL || address, location.href).pathname !== address;
      if (moved) fail(new NoAnswer());
      else done([wire.status, wire.getResponseHeader('Content-Type') ?? '', wire.responseText]);
    });
    wire.addEventListener('error', broken);
    wire.addEventListener('abort', broken);
    within(STALL);
    wire.send(body);
  });
}

/** In the service worker, which sees no progress: as long as these bytes may take. */
async function byWorker(method, address, body, headers) {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), longest(body));
  try {
    const answer = await fetch(address, { method, body, headers, redirect: 'error', signal: stop.signal });
    return [answer.status, answer.headers.get('Content-Type') ?? '', await answer.text()];
  } catch {
    throw new NoAnswer();
  } finally {
    clearTimeout(clock);
  }
}
