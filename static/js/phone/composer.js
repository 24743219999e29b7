// The page on which an update is written: finds the draft, holds it for this tab, and draws its sheet.

import { button, make } from './dom.js';
import { keeper, rescue } from './keeper.js';
import { refresh } from './school.js';
import { sheetOf } from './sheet.js';
import * as store from './store.js';

const OUTBOX = '/staff/outbox';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const app = document.getElementById('app');
const plain = document.getElementById('plain');
const asked = new URLSearchParams(location.search).get('trip');
let known;
let open = null; // {id, trip, sheet, keep, release}

const able = 'indexedDB' in self && navigator.locks && crypto.randomUUID && 'BroadcastChannel' in self && 'showModal' in HTMLDialogElement.prototype;
if (able) begin();

async function begin() {
  try {
    known = await store.known();
    await rescue();
  } catch {
    return; // no store on this phone (a private window, or a full disk): the plain form stays
  }
  plain?.replaceChildren(); // its words would be found twice
  if (plain) plain.hidden = true;
  app.hidden = false;
  if (!known || (asked && !known.trips.some((trip) => trip.slug === asked))) await ask();
  else await find();
  addEventListener('hashchange', () => { if (UUID.test(wanted()) && wanted() !== open?.id) location.reload(); });
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  store.listen((what) => { if (!what.id) learn(); });
}

function wanted() { return location.hash.slice(1); }

/** Ask the school who this is and which trips there are; without signal go on with what is known. */
async function ask() {
  show(make('p', { role: 'status' }, 'One moment …'));
  let trouble;
  try {
    known = await refresh() ?? await store.known();
  } catch (error) {
    trouble = error;
    known = await store.known();
  }
  if (known) { await find(); return; }
  const back = encodeURIComponent(location.pathname + location.search);
  if (trouble?.status && trouble.status !== 401) notice([trouble.message, button('Try again', ask)]);
  else notice(trouble?.status === 401
    ? ['Sign in once on this phone. After that it knows your trips, and you can write without signal.', make('a', { class: 'button', href: `/staff/login?next=${back}` }, 'Sign in')]
    : ['This phone does not know your trips yet, and there is no signal. Open this page once where there is signal; after that you can write anywhere.', button('Try again', ask)]);
}

/** The draft that is meant: by its address, else the last one with anything in it, else an empty one. */
async function find() {
  if (UUID.test(wanted())) { await byId(wanted(), history.state?.drawn !== wanted()); return; }
  const trip = known.trips.find((each) => each.slug === asked) ?? (known.trips.length === 1 ? known.trips[0] : null);
  if (trip) { await forTrip(trip); return; }
  if (!known.trips.length) { notice(['You are not on a trip. If you should be, ask the school office to add you.']); return; }
  show(make('h2', {}, 'Which trip?'), ...known.trips.map((each) => make('p', {}, button(each.name, () => forTrip(each), { class: 'wide' }))));
  document.body.dataset.phone = 'ready';
}

async function forTrip(trip) {
  const last = (await store.drafts(known.me.id)).find((draft) => draft.trip === trip.slug && begun(draft));
  if (last) await take(last, true);
  else await another(trip);
}

/** The places that are ticked at first: not those that make work for somebody's hands. */
function ticked(trip) { return trip.channels.filter((channel) => !known.rules.by_hand?.includes(channel)); }

function begun(draft) { return !store.isEmpty(draft) || draft.over.length > 0; }

/** An empty draft that no other tab has, or a new one. */
async function another(trip) {
  for (const draft of await store.drafts(known.me.id)) {
    if (draft.trip === trip.slug && !begun(draft) && draft.id !== open?.id) {
      const release = await hold(draft.id);
      if (release) { await draw({ ...draft, channels: ticked(trip) }, release); return; }
    }
  }
  await take(await store.openDraft(known.me.id, trip.slug, ticked(trip)));
}

/** The draft with this id. What waits in the outbox is taken out of it only where somebody means to `change` it, not where a page comes back. */
async function byId(id, meant) {
  const draft = await store.draft(id);
  if (draft) { await take(draft); return; }
  const row = await store.row(id);
  if (row?.draft && row.owner === known.me.id) {
    if (meant) await change(id);
    else notice(['This update is in the outbox, on its way to the head.', make('a', { class: 'button', href: OUTBOX }, 'Open the outbox'), button('Change it', () => change(id))]);
    return;
  }
  notice(row?.state === store.AT_SCHOOL
    ? ['This update has arrived at school.', make('a', { class: 'button', href: `/staff/updates/${id}` }, 'Look at it')]
    : ['This update is not on this phone any more.', button('Write another', startAnew)]);
}

/** Take a row out of the outbox: it is a draft again. */
async function change(id) {
  const draft = await store.reopen(id);
  if (draft) await take(draft);
  else location.reload();
}

async function startAnew() {
  history.replaceState(null, '', location.pathname + location.search);
  await find();
}

/** Open a draft in this tab, unless another tab has it. */
async function take(draft, resumed = false) {
  if (draft.owner !== known.me.id) { notice(['This update was written by somebody else who uses this phone. They can sign in and go on with it.', button('Write another', startAnew)]); return; }
  const release = await hold(draft.id);
  if (release) await draw(draft, release, resumed);
  else elsewhere(draft, 'This update is open in another tab.');
}

function elsewhere(draft, words) {
  const more = known.trips.find((trip) => trip.slug === draft.trip);
  notice([words, button('Use it here', () => steal(draft.id), { class: '' }), more ? button('Start another', () => another(more)) : null]);
}

async function steal(id) {
  const release = await hold(id, { steal: true });
  const draft = await store.draft(id); // as the other tab left it
  if (draft) await draw(draft, release);
  else { release(); await byId(id, false); }
}

/** Hold a draft for this tab. Answers how to let it go, or null where another tab has it. */
function hold(id, how = { ifAvailable: true }) {
  return new Promise((answer, fail) => {
    navigator.locks.request(`draft-${id}`, how, (lock) => {
      if (!lock) { answer(null); return undefined; }
      return new Promise((release) => { answer(release); });
    }).catch((error) => { if (error.name === 'AbortError') lost(id); else fail(error); });
  });
}

/** Another tab has taken the draft: here it can only be read. */
function lost(id) {
  if (open?.id !== id) return;
  open.keep.stop();
  open.sheet.lock();
  const words = 'You are writing this update in another tab now. Here it can only be read.';
  app.querySelector('.sheet').before(make('div', { class: 'ask', role: 'alert' }, make('p', {}, words), make('p', { class: 'actions' }, button('Use it here', () => steal(id), { class: '' }))));
  document.getElementById('saved').textContent = '';
}

async function draw(draft, release, resumed = false) {
  open?.keep.stop();
  open?.release();
  const trip = known.trips.find((each) => each.slug === draft.trip);
  const fitting = fit(draft, trip);
  const saved = make('p', { id: 'saved', role: 'status' });
  const keep = keeper(fitting, (state) => tellSaved(saved, state));
  const sheet = sheetOf({ draft: fitting, trip: trip ?? { name: '', channels: [], groups: [], pupils: [] }, rules: known.rules, keep, left: () => location.replace(OUTBOX) });
  open = { id: draft.id, trip, keep, sheet, release };
  history.replaceState({ drawn: draft.id }, '', `#${draft.id}`); // a page that comes back knows that it was here
  show(
    make('p', { class: 'muted' }, trip?.name ?? ''),
    trip ? null : make('p', { class: 'problem' }, 'This trip is over, or you are not on it any more. The words are still here to copy; they cannot be sent.'),
    resumed && trip ? make('div', { class: 'note' }, make('p', {}, 'You were writing this.'), make('p', { class: 'actions' }, button('Start another', () => another(trip)))) : null,
    sheet.element, saved);
  if (begun(draft)) tellSaved(saved, 'saved');
  document.body.dataset.phone = 'ready';
}

/** The draft with what still exists: pupils who left the trip, groups and places that are gone fall out, and are asked again. */
function fit(draft, trip) {
  if (!trip) return draft;
  const there = (id) => id === null || id in known.rules.others || trip.pupils.some((pupil) => pupil.id === id);
  const photos = draft.photos.map((photo) => ({
    ...photo,
    pictured: photo.pictured?.every(there) ?? true ? photo.pictured : null,
    faces: photo.faces.map((face) => (there(face.is) ? face : { ...face, is: null })),
  }));
  const groups = (draft.groups ?? []).filter((id) => trip.groups.some((group) => group.id === id));
  return { ...draft, photos, groups, channels: draft.channels.filter((channel) => trip.channels.includes(channel)) };
}

/** Whether it is kept. Not read out after every key: only where something is wrong. */
function tellSaved(place, state) {
  const words = { saving: 'Saving …', saved: 'Saved on this phone' }[state];
  place.setAttribute('aria-live', words ? 'off' : 'assertive');
  place.classList.toggle('problem', !words);
  place.textContent = words ?? state;
}

/** The school said something new, perhaps to another person. */
async function learn() {
  const now = await store.known();
  if (!now) return; // signed out: app.js sees to it
  if (known && now.me.id !== known.me.id) { location.reload(); return; }
  known = now;
  const trip = now.trips.find((each) => each.slug === open?.trip?.slug);
  if (!trip) return;
  Object.assign(open.trip, trip);
  open.sheet.refresh();
}

function notice([words, ...buttons]) {
  const said = make('p', { tabindex: '-1' }, words);
  show(make('div', { class: 'card' }, said, make('p', { class: 'actions' }, ...buttons)));
  said.focus();
  document.body.dataset.phone = 'ready';
}

function show(...what) {
  app.replaceChildren(...what.filter(Boolean), make('p', { id: 'said', class: 'aside', 'aria-live': 'polite' }));
}
