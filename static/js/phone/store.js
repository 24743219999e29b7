// What this phone keeps: drafts, their pictures, the outbox, and what is known of the trips. Used by pages and the service worker.
//
// A draft is {id, owner, trip, text, x_text, channels, groups, photos, over, opened, changed}; a photo of it is
// {id, alt, pictured: [pupil ids] | null, faces: [{box, is}], name, bytes, type, width, height}. Ids are UUIDs made here.
// A picture is {id, update, buf, bytes, type, sha256, width, height}: bytes as an ArrayBuffer, never changed under its id.
// A row of the outbox is {id, owner, kind, trip, words, revision, body, photos, over, state, why, reasons, elsewhere, tries, frozen,
// arrived, draft}; `elsewhere` says that the update was changed at school meanwhile: that change is not this phone's to delete.

import { openDB } from '../../vendor/idb/idb.js';

const STRICT = { durability: 'strict' }; // on the disk before anybody is told that it is safe
const ALL = ['drafts', 'pictures', 'outbox'];

/** States of a row. Whatever a state says, the row stays until the school has everything. */
export const SAVED = 'saved'; // on this phone, to be sent
export const RETRY = 'retry'; // tried; the signal was too weak
export const SIGN_IN = 'sign_in'; // the school asks who this is
export const NEEDS_YOU = 'needs_you'; // refused: `why` and `reasons` say what to do
export const AT_SCHOOL = 'at_school'; // everything has arrived; `why` says what is left to do there, '' for nothing

/** Kinds of rows. */
export const UPDATE = 'update';
export const MESSAGE = 'message';
export const DISCARD = 'discard';

let opened;

/** The database. A newer app adds stores and drops none: what waits survives every update. */
export function database() {
  opened ||= openDB('tripupdates', 1, {
    upgrade(db) {
      db.createObjectStore('drafts', { keyPath: 'id' });
      db.createObjectStore('pictures', { keyPath: 'id' }).createIndex('update', 'update');
      db.createObjectStore('outbox', { keyPath: 'id' });
      db.createObjectStore('known');
    },
    blocking() { opened?.then((db) => db.close()); opened = undefined; },
    terminated() { opened = undefined; },
  });
  return opened;
}

const wire = new BroadcastChannel('tripupdates');
const listeners = new Set();
wire.addEventListener('message', (event) => listeners.forEach((one) => one(event.data)));

/** Tell every tab, this one too: {id} where a row or draft changed, {id, sent, total, photo, photos} as one is being sent. */
export function tell(what) {
  wire.postMessage(what);
  listeners.forEach((one) => one(what));
}

/** Call `one` with what `tell` says, from any tab. */
export function listen(one) { listeners.add(one); }

async function write(stores, work) {
  const tx = (await database()).transaction(stores, 'readwrite', STRICT);
  try {
    const result = await work((name) => tx.objectStore(name));
    await tx.done;
    return result;
  } catch (error) {
    try { tx.abort(); } catch { /* it has ended by itself */ }
    await tx.done.catch(() => {});
    throw error;
  }
}

/** A new draft, kept at once: its id is the update's id for good, so that no double tap makes two. */
export async function openDraft(owner, trip, channels) {
  const now = Date.now();
  const draft = { id: crypto.randomUUID(), owner, trip, text: '', x_text: '', channels, groups: [], photos: [], over: [], opened: now, changed: now };
  await write(['drafts'], (of) => of('drafts').put(draft));
  return draft;
}

/** One person's drafts, the last changed first. */
export async function drafts(owner) {
  const all = await (await database()).getAll('drafts');
  return all.filter((draft) => draft.owner === owner).sort((a, b) => b.changed - a.changed);
}

export async function draft(id) { return (await database()).get('drafts', id); }

/** Keep a draft as it is now. Only one that is still a draft: what was frozen meanwhile stays frozen. Returns whether it was kept. */
export async function saveDraft(changed) {
  return write(['drafts'], async (of) => {
    if (!await of('drafts').get(changed.id)) return false;
    await of('drafts').put({ ...changed, changed: Date.now() });
    return true;
  });
}

/**
 * Keep a picture and the draft that shows it, together; `instead` is the id of a picture that it replaces. Only for what
 * is still a draft: returns whether it was kept. Throws QuotaExceededError where the phone is full: then nothing was kept.
 */
export async function addPicture(changed, picture, instead = null) {
  const sha256 = await digest(picture.buf);
  return write(['drafts', 'pictures'], async (of) => {
    if (!await of('drafts').get(changed.id)) return false;
    if (instead) await of('pictures').delete(instead);
    await of('pictures').put({ ...picture, update: changed.id, bytes: picture.buf.byteLength, sha256 });
    await of('drafts').put({ ...changed, changed: Date.now() });
    return true;
  });
}

/** Keep a draft from which a picture was taken out, and let the picture go. Returns whether it was still a draft. */
export async function dropPicture(changed, pictureId) {
  return write(['drafts', 'pictures'], async (of) => {
    if (!await of('drafts').get(changed.id)) return false;
    await of('pictures').delete(pictureId);
    await of('drafts').put({ ...changed, changed: Date.now() });
    return true;
  });
}

export async function picture(id) { return (await database()).get('pictures', id); }

/** Delete a draft and its pictures from this phone. Where part of it may be at school, an order to delete it there is left. */
export async function deleteDraft(id) {
  await write(ALL, async (of) => {
    const gone = await of('drafts').get(id);
    if (!gone) return;
    await remove(of, id);
    if (gone.over.length) await of('outbox').put(discard(gone));
  });
  tell({ id });
}

/**
 * Move a draft into the outbox: one revision whose body never changes again. One strict transaction; only after it may
 * anybody be told "Saved on this phone". Twice is once. Returns the row.
 */
export async function freeze(id) {
  const row = await write(['drafts', 'outbox', 'pictures'], async (of) => {
    const written = await of('drafts').get(id);
    if (!written) return of('outbox').get(id);
    const pictures = await Promise.all(written.photos.map((photo) => of('pictures').get(photo.id)));
    const made = frozen(written, pictures);
    await of('outbox').put(made);
    await of('drafts').delete(id);
    return made;
  });
  tell({ id });
  return row;
}

function frozen(written, pictures) {
  const revision = crypto.randomUUID();
  const photos = written.photos.map(({ id, alt, pictured, faces }) => ({ id, alt, pictured, faces }));
  const { id, owner, trip, text, x_text, channels, groups, over } = written;
  const about = groups?.length ? { groups } : {};
  const body = JSON.stringify({ trip, text, x_text: x_text || null, channels, ...about, revision, over, by: owner, photos });
  return {
    ...blank(id, owner, UPDATE, trip), revision, body, over, draft: written, words: text,
    photos: pictures.map(({ id: photo, bytes, type, sha256 }) => ({ id: photo, bytes, type, sha256 })),
  };
}

function blank(id, owner, kind, trip) {
  return {
    id, owner, kind, trip, words: '', revision: '', body: '', photos: [], over: [], draft: null,
    state: SAVED, why: '', reasons: [], elsewhere: false, tries: 0, frozen: Date.now(), arrived: 0,
  };
}

function discard(gone) {
  return { ...blank(gone.id, gone.owner, DISCARD, gone.trip), over: gone.over, words: gone.words ?? gone.text };
}

/** Put a two-tap message into the outbox. `body` is {key, time?, digest}; `words` are what people will read. */
export async function queueMessage(id, owner, trip, body, words) {
  const row = { ...blank(id, owner, MESSAGE, trip), words, body: JSON.stringify({ trip, ...body, by: owner }) };
  await write(['outbox'], async (of) => { if (!await of('outbox').get(id)) await of('outbox').put(row); });
  tell({ id });
  return row;
}

/** Everything in the outbox, the oldest first: whoever wrote it. */
export async function rows() {
  return (await (await database()).getAll('outbox')).sort((a, b) => a.frozen - b.frozen);
}

export async function row(id) { return (await database()).get('outbox', id); }

/** Change a row, if it is still there with this revision: an answer to an older one must not touch it. Returns whether it was. */
export async function mark(id, revision, change) {
  const done = await write(['outbox'], async (of) => {
    const there = await of('outbox').get(id);
    if (!there || there.revision !== revision) return false;
    await of('outbox').put({ ...there, ...change });
    return true;
  });
  if (done) tell({ id });
  return done;
}

/** Everything of it is at school: the pictures go from this phone, and a line stays that says so. */
export async function arrived(id, revision, why, reasons) {
  await write(ALL, async (of) => {
    const there = await of('outbox').get(id);
    if (!there || there.revision !== revision) return;
    await dropPictures(of, id);
    await of('outbox').put({ ...there, state: AT_SCHOOL, why, reasons, arrived: Date.now(), body: '', draft: null, photos: [] });
  });
  tell({ id });
}

/** Take a row out of the outbox to change it: it is a draft again, and its next revision replaces what was sent of it. */
export async function reopen(id) {
  const found = await write(['drafts', 'outbox'], async (of) => {
    const there = await of('outbox').get(id);
    if (!there?.draft) return of('drafts').get(id);
    const again = { ...there.draft, over: [...there.over, there.revision], changed: Date.now() };
    await of('drafts').put(again);
    await of('outbox').delete(id);
    return again;
  });
  tell({ id });
  return found;
}

/** Make a new draft of a row, under new ids, as if it had never been sent: what is at school of it stays. Returns the draft. */
export async function startAgain(id) {
  const made = await write(ALL, async (of) => {
    const there = await of('outbox').get(id);
    if (!there?.draft) return undefined;
    const again = { ...there.draft, id: crypto.randomUUID(), over: [], changed: Date.now(), photos: [] };
    for (const photo of there.draft.photos) {
      const kept = await of('pictures').get(photo.id);
      const number = crypto.randomUUID();
      if (kept) await of('pictures').put({ ...kept, id: number, update: again.id });
      again.photos.push({ ...photo, id: number });
    }
    await remove(of, id);
    await of('drafts').put(again);
    return again;
  });
  tell({ id });
  return made;
}

/** Delete a row and its pictures. Where it was ever tried, part of it may be at school: an order to delete that is left. */
export async function deleteRow(id) {
  await write(ALL, async (of) => {
    const there = await of('outbox').get(id);
    if (!there) return;
    await remove(of, id);
    const tried = there.tries > 0 || there.over.length > 0;
    if (there.kind === UPDATE && tried && there.state !== AT_SCHOOL && !there.elsewhere) await of('outbox').put(discard(there));
  });
  tell({ id });
}

async function remove(of, id) {
  await dropPictures(of, id);
  await of('drafts').delete(id);
  await of('outbox').delete(id);
}

async function dropPictures(of, id) {
  for (const key of await of('pictures').index('update').getAllKeys(id)) await of('pictures').delete(key);
}

/** What the school last said: {me, rules, trips, updates} as GET /api/phone answers, with `at`, or undefined. No trip that has ended. */
export async function known() {
  const said = await (await database()).get('known', 'phone');
  return said && { ...said, trips: said.trips.filter((trip) => !hasEnded(trip, said)) };
}

/** Let go of trips that have ended, with their pupils: by date alone, for there may be no signal for days. */
export async function dropEnded() {
  const dropped = await write(['known'], async (of) => {
    const said = await of('known').get('phone');
    const left = said?.trips.filter((trip) => !hasEnded(trip, said));
    if (!said || left.length === said.trips.length) return false;
    await of('known').put({ ...said, trips: left }, 'phone');
    return true;
  });
  if (dropped) tell({});
}

/** By this phone's clock, or the school's day where that one is ahead. */
function hasEnded(trip, said) {
  const now = new Date();
  const here = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
  const last = new Date(`${trip.ends}T12:00:00Z`);
  last.setUTCDate(last.getUTCDate() + said.rules.keep_days);
  return (here > said.today ? here : said.today) > last.toISOString().slice(0, 10);
}

/** Keep what the school answered to a question of the moment `asked`; not where somebody has signed out since. */
export async function know(answer, asked = Date.now()) {
  await write(['known'], async (of) => {
    if (asked > (await of('known').get('note:left') ?? 0)) await of('known').put({ ...answer, at: Date.now() }, 'phone');
  });
  tell({});
}

/** Small notes to ourselves, such as that the way to install was shown. */
export async function note(key, value) {
  if (value === undefined) return (await database()).get('known', `note:${key}`);
  return write(['known'], (of) => of('known').put(value, `note:${key}`));
}

/** At sign-out: pupils, trips and everything known of them go. Drafts and outbox stay: they are looked at before. */
export async function forget() {
  await write(['known'], async (of) => {
    await of('known').delete('phone');
    await of('known').put(Date.now(), 'note:left');
  });
  tell({});
}

/** How much of one person's work is only on this phone: rows not yet at school, and drafts with anything in them. */
export async function unsent(owner) {
  const waiting = (await rows()).filter((one) => one.owner === owner && one.state !== AT_SCHOOL);
  const begun = (await drafts(owner)).filter((one) => !isEmpty(one));
  return { rows: waiting, drafts: begun, count: waiting.length + begun.length };
}

/** How much of other people's work waits on this phone: only how much. */
export async function countOfOthers(owner) {
  const waiting = (await rows()).filter((one) => one.owner !== owner && one.state !== AT_SCHOOL);
  const begun = (await (await database()).getAll('drafts')).filter((one) => one.owner !== owner && !isEmpty(one));
  return waiting.length + begun.length;
}

/** Whether anything that somebody wrote is on this phone. */
export async function holdsAnything() {
  const db = await database();
  return await db.count('drafts') + await db.count('outbox') > 0;
}

export function isEmpty(one) { return !one.text.trim() && !one.x_text.trim() && one.photos.length === 0; }

/** SHA-256 in base64, as Content-Digest carries it (RFC 9530). */
export async function digest(buf) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', buf));
  return btoa(String.fromCharCode(...bytes));
}
