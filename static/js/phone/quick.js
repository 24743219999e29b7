// What is sent most, in two taps: the head approved these words, so they need no further look.

import { button, make } from './dom.js';
import * as store from './store.js';

const TIME = '{time}';
const GAP = '…';

/** The section of the outbox page; it redraws itself only where the words have changed, so that no open question goes. */
export function quick() {
  const place = make('section', { 'aria-labelledby': 'quick-title' });
  let drawn = '';
  let latest = null; // what a message costs changes with each that is sent, and closes no open question
  const costs = (slug) => latest?.trips.find((trip) => trip.slug === slug)?.message_costs ?? [];
  return {
    element: place,
    show(known) {
      latest = known;
      const now = JSON.stringify([known?.me.id, known?.trips.map((trip) => [trip.slug, trip.name, trip.messages])]);
      if (now === drawn) return;
      drawn = now;
      place.replaceChildren(...(known?.trips.length ? contents(known, costs) : []));
    },
  };
}

function contents(known, costs) {
  const title = make('h2', { id: 'quick-title' }, 'Send in two taps');
  const many = known.trips.length > 1;
  return [title, ...known.trips.flatMap((trip) => [many ? make('h3', {}, trip.name) : null, ofTrip(known, trip, costs)])].filter(Boolean);
}

function ofTrip(known, trip, costs) {
  if (!trip.messages?.messages.length) return make('p', { class: 'muted' }, 'The head has not approved any ready messages for this trip.');
  const second = make('div');
  const list = make('div', { class: 'ready' }, trip.messages.messages.map((message) => {
    const first = button(message.text.replace(TIME, GAP), () => ask(known, trip, message, second, first, costs(trip.slug)));
    return first;
  }));
  return make('div', {}, list, second);
}

/** The second tap: the exact words, and where they will stand. The id comes with the first, so that a double tap is one. */
function ask(known, trip, message, place, first, costs) {
  const id = crypto.randomUUID();
  const words = make('p', { class: 'words exact' });
  const time = message.needs_time ? make('input', { type: 'time', id: `time-${trip.slug}`, required: true, input: () => fill() }) : null;
  const yes = button('Yes, send it', send, { class: '' });
  const title = make('h3', { tabindex: '-1' }, 'Send this message?');
  const trouble = make('p', { class: 'no', role: 'alert' });
  const text = () => message.text.replace(TIME, time?.value || GAP);
  const fill = () => { words.textContent = text(); if (time?.value) trouble.textContent = ''; };
  const close = () => { place.replaceChildren(); first.focus(); };

  async function send() {
    if (yes.disabled) return;
    if (time && !time.value) { trouble.textContent = 'Say at what time first.'; time.focus(); return; }
    yes.disabled = true;
    const body = { key: message.key, digest: trip.messages.digest, ...(time ? { time: time.value } : {}) };
    try {
      await store.queueMessage(id, known.me.id, trip.slug, body, text());
    } catch (error) {
      yes.disabled = false;
      trouble.textContent = `This phone could not keep the message (${error.name}). Try again.`;
      return;
    }
    close();
  }

  const places = trip.messages.channels.map((channel) => known.rules.channel_names[channel] ?? channel).join(', ');
  place.replaceChildren(make('div', { class: 'card', role: 'group', 'aria-label': 'Send this message?' },
    title,
    time ? make('label', { for: time.id }, 'At what time?') : null, time,
    words,
    make('p', { class: 'muted' }, `${trip.name}. It goes to: ${places}. It goes out at once: the head has approved these words.`),
    ...costs.map((words) => make('p', { class: 'hint' }, words)),
    trouble,
    make('p', { class: 'actions' }, yes, button('No, go back', close))));
  fill();
  (time ?? title).focus();
}
