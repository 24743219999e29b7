// Keeps a draft on the phone: one write after another, and the last state always written.

import { Unfit } from './shrink.js';
import * as store from './store.js';

const LAST = 'tripupdates:last'; // words of a page that went before its last write was done
const AGAIN = 5000; // after a write that failed
const ELSEWHERE = 'Not saved: this update was sent or deleted in another tab.';

/** The draft is not this tab's to write any more: another tab has it, or it was sent or deleted there. */
export class Stopped extends Error {}

/** Keeps `draft` as it changes. `show` gets 'saving', 'saved', or a sentence that says why it is not saved. */
export function keeper(draft, show) {
  let line = Promise.resolve(); // writes, one after another
  let inLine = false; // a write of the draft is there that has not begun
  let stopped = false;
  let unsaved = false;
  let trouble = null;
  let again;

  async function put() {
    inLine = false;
    if (stopped) return;
    try {
      if (!await store.saveDraft(draft)) throw new Stopped(ELSEWHERE);
      trouble = null;
      if (!inLine && !stopped) done();
    } catch (error) {
      trouble = error;
      show(inWords(error));
      again = setTimeout(changed, AGAIN);
    }
  }

  function done() {
    unsaved = false;
    localStorage.removeItem(LAST);
    show('saved');
  }

  /** Something was written: keep it. */
  function changed() {
    clearTimeout(again);
    if (stopped) return;
    unsaved = true;
    if (!trouble) show('saving');
    if (inLine) return;
    inLine = true;
    line = line.then(put);
  }

  /** Do something to the store in its turn. What it throws is the caller's. */
  function inTurn(work) {
    const done = line.then(() => {
      if (stopped) throw new Stopped('This update is open in another tab, so nothing was changed here.');
      return work();
    });
    line = done.then(() => {}, () => {}); // the caller has the failure; the line goes on
    return done;
  }

  /** Keep other photos with the draft: `list()` gives them, `picture` comes, the one with the id `gone` goes; then `settle(list)`. */
  function photos(list, picture, gone, settle) {
    if (!trouble) show('saving');
    const kept = inTurn(async () => {
      const next = list();
      const whole = { ...draft, photos: next };
      if (!await (picture ? store.addPicture(whole, picture, gone) : store.dropPicture(whole, gone))) throw new Stopped(ELSEWHERE);
      settle(next);
    });
    return kept.finally(() => { if (!inLine && !stopped && !trouble) show('saved'); }); // as it was, where it could not be
  }

  /** Wait until everything is kept. Raises what stood in the way. */
  async function settled() {
    if (trouble) changed();
    await line;
    if (trouble) throw trouble;
  }

  /** Write nothing more. */
  function stop() { stopped = true; clearTimeout(again); }

  // A page that goes takes its unfinished writes along. This store is written at once: it holds the words until `rescue`.
  const going = () => { if (unsaved && !stopped) localStorage.setItem(LAST, JSON.stringify({ ...draft, at: Date.now() })); };
  addEventListener('pagehide', going);
  document.addEventListener('visibilitychange', going);
  return { changed, inTurn, photos, settled, stop };
}

/** Bring back what was typed just before a page went, where the draft has not been changed since. */
export async function rescue() {
  const last = JSON.parse(localStorage.getItem(LAST));
  const draft = last && await store.draft(last.id);
  if (draft && last.at >= draft.changed) {
    const said = (photo) => { const { alt, pictured, faces } = last.photos.find((each) => each.id === photo.id) ?? photo; return { ...photo, alt, pictured, faces }; };
    const { text, x_text, channels, groups } = last;
    await store.saveDraft({ ...draft, text, x_text, channels, groups, photos: draft.photos.map(said) });
  }
  localStorage.removeItem(LAST);
}

/** Why something is not on this phone, and what to do. */
export function inWords(error) {
  if (error instanceof Stopped || error instanceof Unfit) return error.message;
  if (error?.name === 'QuotaExceededError') return 'Not saved: this phone is full. Delete films or apps that you do not need; keep this page open, and it is saved then.';
  return `Not saved: this phone could not write it down (${error?.name ?? error}). Keep this page open; it tries again.`;
}
