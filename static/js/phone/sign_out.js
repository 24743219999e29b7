// Signing out: nobody leaves unsent work behind without knowing it, and no pupil's name stays on the phone.

import { button, count, make } from './dom.js';
import * as store from './store.js';

/** Watch a form that signs out. `send()` tries to send what waits. */
export function guardSignOut(form, send) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const left = await store.unsent(form.dataset.signOut);
    if (left.count) warn(form, left, send);
    else await leave(form);
  });
}

/** What is known of trips and pupils goes, and the kept pages; what was written stays, for the one who wrote it. */
async function leave(form) {
  try {
    for (const name of await caches.keys()) await caches.delete(name);
    await store.forget();
  } finally {
    form.submit();
  }
}

function inWords({ rows, drafts }) {
  const parts = [];
  if (rows.length) parts.push(`${count(rows.length, 'update')} not sent yet`);
  if (drafts.length) parts.push(`${count(drafts.length, 'update')} half written`);
  return parts.join(' and ');
}

function warn(form, left, send) {
  document.getElementById('leaving')?.remove();
  const state = make('p', { role: 'status' });
  const sending = button('Send now', async () => {
    state.textContent = 'Sending …';
    const how = await send();
    const still = await store.unsent(form.dataset.signOut);
    if (!still.count) { await leave(form); return; }
    const why = { later: 'There is no signal just now.', busy: 'They are being sent; wait a moment.', sign_in: 'Sign in first.' }[how];
    state.textContent = `Still on this phone: ${inWords(still)}. ${why ?? 'The outbox says what to do.'}`;
  }, { class: 'wide' });
  const box = make('dialog', { id: 'leaving', class: 'sheet-box', 'aria-labelledby': 'leaving-title', close: () => box.remove() },
    make('h2', { id: 'leaving-title' }, `On this phone: ${inWords(left)}`),
    make('p', {}, 'The school does not have this yet. Sign out now, and it waits here, locked, until you sign in again on this phone.'),
    state,
    left.rows.length ? sending : null,
    make('a', { class: 'button secondary wide', href: '/staff/outbox' }, 'Open the outbox'),
    button('Sign out, keep them locked on this phone', () => leave(form), { class: 'secondary wide' }),
    button('Stay signed in', () => box.close(), { class: 'secondary wide' }));
  document.body.append(box);
  box.showModal();
}
