// What the outbox says of each thing: its state in words, why, and what can be done. Plain data; items.js draws it.
//
// A line is {id, state, stage, label, tone, words, about, why, reasons, hint, links, deeds, really, progress}. `deeds` are
// keys of DEEDS; `really` is asked before one deletes.

import { count } from './dom.js';
import * as store from './store.js';

const LONGEST = 140;
const LATEST = new Intl.DateTimeFormat('en-GB', { weekday: 'long', hour: '2-digit', minute: '2-digit' });
const OLDER = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
const WEEK = 6 * 86_400_000;

/** Buttons, by what they do. */
export const DEEDS = { send: 'Send now', change: 'Change', anew: 'Keep as a new update', delete: 'Delete', dismiss: 'All right' };

const BLANK = { stage: '', tone: '', why: '', reasons: [], hint: '', links: [], deeds: [], really: 'Delete it from this phone, with its photos? It cannot be brought back.', progress: null };

function when(moment) { return (Math.abs(Date.now() - moment) < WEEK ? LATEST : OLDER).format(moment); }

function short(words, otherwise) {
  const flat = (words ?? '').trim().replace(/\s+/g, ' ');
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 1).trimEnd()}…` : flat || otherwise;
}

function about(known, trip, moment, photos = 0) {
  const name = known?.trips.length > 1 ? known.trips.find((each) => each.slug === trip)?.name : '';
  return [name, when(moment), photos ? count(photos, 'photo') : ''].filter(Boolean).join(' · ');
}

function page(id, words = 'Open it') { return { href: `/staff/updates/${id}`, words }; }

/** A draft. */
export function ofDraft(draft, known) {
  return {
    ...BLANK, id: draft.id, state: 'draft', label: 'Half written', words: short(draft.text || draft.x_text, 'No words yet'),
    about: about(known, draft.trip, draft.changed, draft.photos.length),
    hint: draft.over.length ? 'Part of an earlier version may be at school already. This one takes its place when you send it.' : '',
    links: [{ href: `/staff/updates/new#${draft.id}`, words: 'Go on writing', main: true }], deeds: ['delete'],
  };
}

/** A row of the outbox; `progress` where it is being sent at this moment. */
export function ofRow(row, known, progress) {
  const line = {
    ...BLANK, id: row.id, state: row.state, words: short(row.words, row.photos.length ? 'Photos only' : 'No words'),
    about: about(known, row.trip, row.frozen, row.photos.length), why: row.why, reasons: row.reasons,
  };
  if (row.kind === store.DISCARD) line.words = `To be deleted at school too: ${line.words}`;
  if (row.kind === store.MESSAGE) line.really = row.tries ? 'Delete this message from this phone? It was tried before: look at school whether it went out.' : 'Delete this message? It has not been sent.';
  if (progress && row.state !== store.AT_SCHOOL) return { ...line, ...sending(progress), deeds: editing(row) };
  return { ...line, ...STATES[row.state](row) };
}

function sending({ photo, photos, sent, total }) {
  return { state: 'sending', label: photos ? `Sending ${photo} of ${photos}` : 'Sending', tone: 'go', why: '', reasons: [], progress: { value: sent, max: total || 1 } };
}

function editing(row) {
  if (row.kind === store.UPDATE) return ['change', 'delete'];
  return row.kind === store.MESSAGE ? ['delete'] : [];
}

const STATES = {
  [store.SAVED]: (row) => ({ label: 'Saved on this phone', deeds: ['send', ...editing(row)] }),
  [store.RETRY]: (row) => ({ label: 'Saved on this phone', why: `${row.why || 'The signal was too weak.'} It is tried again by itself.`, deeds: ['send', ...editing(row)] }),
  [store.SIGN_IN]: (row) => ({ label: 'Saved on this phone', why: 'Sign in to send it.', deeds: editing(row) }),
  [store.NEEDS_YOU]: needsYou,
  [store.AT_SCHOOL]: (row) => (row.why
    ? { label: 'Needs you', tone: 'bad', hint: 'It is at school. Open it, and answer there.', links: [{ ...page(row.id), main: true }] }
    : { label: row.kind === store.MESSAGE ? 'On its way' : 'With the head', links: [page(row.id)] }),
};

function needsYou(row) {
  const line = { label: 'Needs you', tone: 'bad' };
  if (row.kind === store.DISCARD) return { ...line, links: [page(row.id)], deeds: ['dismiss'] };
  if (row.kind === store.MESSAGE) return { ...line, hint: 'Delete this one, then choose again from the messages above.', deeds: ['delete'] };
  if (row.elsewhere) {
    return { ...line, hint: 'What you wrote is kept on this phone. Delete takes away only this phone’s version.', links: [page(row.id, 'See it at school')], deeds: ['anew', 'delete'] };
  }
  return { ...line, hint: 'Nothing is lost. Change it, then send it again.', deeds: ['change', 'delete'] };
}

/** An update at school, as the school last told. */
export function ofUpdate(update, known) {
  const line = { ...BLANK, id: update.id, state: store.AT_SCHOOL, stage: update.state, words: short(update.words, 'No words'), about: about(known, update.trip, new Date(update.changed_at).getTime()) };
  return { ...line, links: [page(update.id)], ...STAGES[update.state](update, known) };
}

const STAGES = {
  draft: (update) => (update.blocks.length
    ? { label: 'Needs you', tone: 'bad', why: 'Before it can go to the head:', reasons: update.blocks, links: [{ ...page(update.id), main: true }] }
    : { label: 'Not sent to the head yet', tone: 'bad', links: [{ ...page(update.id), main: true }] }),
  waiting: () => ({ label: 'With the head' }),
  returned: (update) => ({ label: 'Sent back', tone: 'bad', why: update.returned_because ?? '', links: [{ ...page(update.id), main: true }] }),
  rejected: (update) => ({ label: 'The head said no', why: update.returned_because ?? '' }),
  approved: published,
  taken_down: (update, known) => ({ label: 'Taken down', ...forHands(update, known) }),
};

/** What somebody must do by hand, where only people can post and take down. */
function forHands(update, known) {
  const one = update.delivery.find((each) => each.by_hand);
  if (!one) return {};
  const name = known.rules.channel_names[one.channel] ?? one.channel;
  const down = one.state === 'removing';
  return {
    tone: down ? 'bad' : '', why: down ? `${name}: it must be taken down by hand, now.` : '',
    links: [{ href: `/hand/${update.id}`, words: down ? `Take it down from ${name}` : `Hand it over to ${name}`, main: true }, page(update.id)],
  };
}

function published(update, known) {
  const live = update.delivery.filter((each) => each.state === 'sent');
  const all = live.length === update.delivery.length;
  const name = (each) => known.rules.channel_names[each.channel] ?? each.channel;
  const hands = forHands(update, known);
  return {
    label: all ? 'Live' : live.length ? 'Partly live' : 'On its way', tone: hands.tone || (live.length ? 'good' : ''), why: hands.why ?? '',
    reasons: all ? [] : update.delivery.map((each) => `${name(each)}: ${each.words}`),
    links: [...(hands.links ?? [page(update.id)]), ...live.filter((each) => each.link).map((each) => ({ href: each.link, words: name(each) }))],
  };
}
