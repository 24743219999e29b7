// The outbox: what is on this phone, what became of what was sent, and the messages of two taps. The app's first page.

import { sendNow, worker } from './app.js';
import { count, make } from './dom.js';
import { aboutThisPhone } from './install.js';
import { listOf } from './items.js';
import { rescue } from './keeper.js';
import { ofDraft, ofRow, ofUpdate } from './lines.js';
import { quick } from './quick.js';
import { justSignedIn, refreshIfItCan, signedOut } from './school.js';
import * as store from './store.js';

const HERE = '/staff/outbox';
const SOON = 15_000; // what the school said may be this old when the page opens
const OFTEN = 90_000; // and this old while something is on its way
const SILENCE = 45_000; // after which a page that was sending is taken to be closed
const DAY = 86_400_000;
const MOVING = new Set(['waiting', 'approved']);

const app = document.getElementById('app');
const sending = new Map(); // id -> {photo, photos, sent, total, at}
const labels = new Map(); // id -> the state last shown, to tell those who do not see it
const parts = {};

begin();

async function begin() {
  try {
    await store.known();
    await rescue();
  } catch (error) {
    if (!document.getElementById('plain')) cannot(error);
    return; // no store (a private window, or a full disk): the plain note stays
  }
  build();
  store.listen(heard); // before anything is read: what changes meanwhile is drawn after it
  if (justSignedIn) await refreshIfItCan();
  await show();
  document.body.dataset.phone = 'ready';
  await refreshIfItCan({ older: SOON });
  setInterval(follow, OFTEN);
}

function cannot(error) {
  app.hidden = false;
  app.replaceChildren(make('div', { class: 'problem', role: 'alert' },
    make('p', {}, `This phone cannot open what is kept here (${error.name}). It may be full. Make some room, then open this page again; nothing was deleted.`)));
}

function build() {
  document.getElementById('plain')?.remove();
  parts.where = make('div');
  parts.held = make('p', { class: 'problem' }, 'The school has put everything on hold. Nothing is being published but what is urgent; what you send waits.');
  parts.ask = make('div');
  parts.said = make('p', { class: 'aside', role: 'status', id: 'said' });
  parts.sum = make('p', { id: 'sum' });
  parts.quick = quick();
  parts.here = listOf(act);
  parts.school = listOf(act);
  parts.none = make('p', { class: 'muted' }, 'Nothing waits here. Everything you sent is at school.');
  parts.close = make('p', { class: 'note' });
  parts.others = make('p', { class: 'ask' });
  parts.phone = aboutThisPhone(worker);
  parts.who = make('p', { class: 'muted' });
  parts.atSchool = make('section', { 'aria-labelledby': 'school-title' }, make('h2', { id: 'school-title' }, 'At school'), parts.school.element);
  app.replaceChildren(
    parts.where, parts.held, parts.ask, parts.sum,
    make('p', {}, make('a', { class: 'button wide', href: '/staff/updates/new' }, 'New update')),
    parts.quick.element,
    make('div', { id: 'queue' },
      make('section', { 'aria-labelledby': 'here-title' }, make('h2', { id: 'here-title' }, 'On this phone'), parts.said, parts.none, parts.here.element, parts.close, parts.others),
      parts.atSchool),
    parts.phone.element, parts.who);
  if (location.pathname !== HERE) {
    parts.where.replaceChildren(make('div', { class: 'ask' }, make('p', {}, 'The page you asked for needs signal, and there is none. Here is what is on this phone.'),
      make('p', { class: 'actions' }, make('a', { class: 'button secondary', href: location.href }, 'Try that page again'))));
  }
  app.hidden = false;
}

/** News from this page, another tab, or the worker. */
function heard(what) {
  if (what.total !== undefined) sending.set(what.id, { ...what, at: Date.now() });
  else if (what.id) sending.delete(what.id);
  soon();
}

let clock;
function soon() {
  clearTimeout(clock);
  clock = setTimeout(() => show(), 60);
}

let turn = Promise.resolve();
/** Draw what is now, one drawing after another. */
function show() {
  turn = turn.then(draw).catch((error) => self.reportError(error));
  return turn;
}

async function draw() {
  const known = await store.known();
  const out = await signedOut();
  const me = known?.me.id;
  const all = await store.rows();
  const rows = all.filter((row) => row.owner === me);
  const drafts = me ? (await store.drafts(me)).filter((draft) => !store.isEmpty(draft) || draft.over.length) : [];
  const waiting = rows.filter((row) => row.state !== store.AT_SCHOOL);
  const arrived = await stillToTell(all.filter((row) => row.state === store.AT_SCHOOL), known);
  const shown = new Set([...drafts, ...waiting, ...arrived].map((one) => one.id));
  const lines = waiting.map((row) => ofRow(row, known, progressOf(row.id)));
  const asking = (line) => line.state === store.NEEDS_YOU;
  const here = [...lines.filter(asking), ...lines.filter((line) => !asking(line)), ...drafts.map((draft) => ofDraft(draft, known))];
  const school = [...arrived.reverse().map((row) => ofRow(row, known)), ...(known?.updates ?? []).filter((update) => !shown.has(update.id)).map((update) => ofUpdate(update, known))];
  parts.here.show(here);
  parts.school.show(school);
  parts.atSchool.hidden = !school.length;
  parts.none.hidden = here.length > 0 || !me;
  parts.quick.show(known);
  sumUp(lines.filter(asking).length, lines.length, drafts.length);
  parts.who.textContent = known && !document.querySelector('form[data-sign-out]') ? `You are ${known.me.name}. You can sign out on “My trips”.` : '';
  parts.held.hidden = !known?.held;
  askToSignIn(known, out);
  tellClose(waiting, out || !known);
  tellOthers(await store.countOfOthers(me), me);
  announce([...here, ...school]);
  await parts.phone.show();
}

/** Of one's own: where the school tells of it itself, or a day has passed, the line that says "it has arrived" goes. */
async function stillToTell(rows, known) {
  const told = (row) => known?.at > row.arrived && known.updates.some((update) => update.id === row.id);
  const left = [];
  for (const row of rows) {
    if (told(row) || Date.now() - row.arrived > DAY) await store.deleteRow(row.id);
    else if (row.owner === known?.me.id) left.push(row);
  }
  return left;
}

let silence;
function progressOf(id) {
  const found = sending.get(id);
  if (!found) return null;
  const left = found.at + SILENCE - Date.now();
  if (left > 0) {
    clearTimeout(silence);
    silence = setTimeout(soon, left);
    return found;
  }
  sending.delete(id);
  return null;
}

function askToSignIn(known, out) {
  const state = out ? 'out' : known ? 'in' : 'unknown';
  if (parts.ask.dataset.state === state) return;
  parts.ask.dataset.state = state;
  parts.ask.replaceChildren();
  if (state === 'in') return;
  const words = out ? 'Sign in to send. Everything stays on this phone.' : 'This phone does not know yet who you are. Sign in once, where there is signal; after that this page works anywhere.';
  parts.ask.append(make('div', { class: 'ask' }, make('p', {}, words), make('p', { class: 'actions' }, make('a', { class: 'button', href: `/staff/login?next=${HERE}` }, 'Sign in'))));
}

/** In one line at the top, for who only wants to know whether all is well. */
function sumUp(asking, waiting, begun) {
  const words = [[waiting - asking, 'waiting to be sent'], [asking, asking === 1 ? 'needs you' : 'need you'], [begun, 'half written']]
    .filter(([number]) => number).map(([number, what]) => `${number} ${what}`).join(', ');
  if (parts.sum.textContent === words) return;
  parts.sum.replaceChildren(words ? make('a', { href: '#here-title' }, words) : '');
}

function tellClose(waiting, out) {
  const goes = waiting.some((row) => row.state !== store.NEEDS_YOU);
  parts.close.hidden = !goes || out;
  parts.close.textContent = 'You can close this page. What waits here is safe. It is sent when there is signal, at the latest when you open this page again.';
}

function tellOthers(number, me) {
  parts.others.hidden = !number;
  const one = number === 1;
  const whose = me ? ' by someone else' : '';
  const who = me ? 'they' : one ? 'whoever wrote it' : 'whoever wrote them';
  parts.others.textContent = `${count(number, 'update')}${whose} ${one ? 'waits' : 'wait'} on this phone; ${who} must sign in to send ${one ? 'it' : 'them'}.`;
}

/** Say what has changed to those who do not see it: states, not each percent. */
function announce(lines) {
  const known = (line) => labels.has(line.id) || line.state !== store.AT_SCHOOL; // not a whole list, as it first appears
  const news = lines.filter((line) => known(line) && labels.get(line.id) !== line.label).map((line) => `${line.label}: ${line.words}`);
  lines.forEach((line) => labels.set(line.id, line.label));
  if (parts.said.dataset.began && news.length) parts.said.textContent = news.join(' ');
  parts.said.dataset.began = '1';
}

async function act(deed, id) {
  if (deed === 'send') {
    parts.said.textContent = 'Sending …';
    const how = await sendNow();
    const words = { later: 'No signal to the school just now. It is tried again by itself.', busy: 'It is being sent already.', sign_in: 'Sign in to send.' };
    parts.said.textContent = words[how] ?? '';
  } else if (deed === 'change') {
    const draft = await store.reopen(id);
    if (draft) location.href = `/staff/updates/new#${draft.id}`;
  } else if (deed === 'anew') {
    const draft = await store.startAgain(id);
    if (draft) location.href = `/staff/updates/new#${draft.id}`;
  } else {
    if (await store.draft(id)) await store.deleteDraft(id);
    else await store.deleteRow(id);
    await refreshIfItCan();
  }
}

/** While something is on its way, look now and then how it fares. */
async function follow() {
  if (document.visibilityState !== 'visible') return;
  const known = await store.known();
  if (known?.updates.some((update) => MOVING.has(update.state) && !update.delivery.every((each) => each.state === 'sent' || each.by_hand))) await refreshIfItCan({ older: OFTEN / 2 });
}
