// How the outbox gets onto the home screen, and what keeps safe what is written.

import { button, make } from './dom.js';
import * as store from './store.js';

let offered; // Chromium's own question, to be asked when the person taps
addEventListener('beforeinstallprompt', (event) => { event.preventDefault(); offered = event; store.tell({}); });

const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1);
const standalone = () => matchMedia('(display-mode: standalone)').matches || navigator.standalone === true;

/** The part of the page about this phone. `worker` says 'ready', or why the app cannot be opened without signal. */
export function aboutThisPhone(worker) {
  const place = make('section', { 'aria-labelledby': 'phone-title' });
  let drawn = '';
  return {
    element: place,
    async show() {
      const seen = await store.note('install-seen');
      const state = { seen, offered: Boolean(offered), standalone: standalone(), safe: await navigator.storage?.persisted?.() ?? false, trouble: await worker };
      if (JSON.stringify(state) === drawn) return;
      drawn = JSON.stringify(state);
      place.replaceChildren(...contents(state));
    },
  };
}

function contents({ seen, standalone: installed, safe, trouble }) {
  const how = installed ? [] : steps();
  const open = make('details', { open: !seen && !installed }, make('summary', {}, installed ? 'About this phone' : 'Put this on your home screen'), ...how,
    !seen && !installed ? make('p', { class: 'actions' }, button('Not now', () => store.note('install-seen', true).then(() => store.tell({})))) : null);
  return [
    make('h2', { id: 'phone-title' }, 'This phone'),
    trouble === 'ready' ? null : make('p', { class: 'ask' }, trouble),
    installed ? null : open,
    make('p', { class: 'hint' }, `${safe ? 'This phone keeps what you write until it is sent.' : 'What you write is kept on this phone until it is sent. A phone that runs out of space may throw it away: send it soon.'} Clearing the browser’s data deletes what is not sent.`),
  ].filter(Boolean);
}

function steps() {
  if (apple) {
    return [
      make('p', {}, 'Do this before the trip, in Safari: what is written in Safari does not move over to the app.'),
      make('ol', {}, make('li', {}, 'Tap Share, the square with the arrow.'), make('li', {}, 'Tap “Add to Home Screen”, then “Add”.'), make('li', {}, 'Open it from the home screen, and sign in once.')),
    ];
  }
  if (offered) {
    return [
      make('p', {}, 'Then it opens like any app, also without signal.'),
      make('p', { class: 'actions' }, button('Install the app', async () => {
        const asked = offered;
        offered = undefined;
        await asked.prompt();
        store.tell({});
      }, { class: '' })),
    ];
  }
  return [make('p', {}, 'On Android: open the browser’s menu (three dots), tap “Add to home screen” or “Install app”. On an iPhone: open this page in Safari, tap Share, then “Add to Home Screen”.')];
}
