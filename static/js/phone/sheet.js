// The update as one sheet: photos, words, places, and the way to the head. Everything that is changed is kept at once.

import { counted } from '../weigh.js';
import { remarks, watchWords } from './check.js';
import { announce, button, make } from './dom.js';
import { inWords } from './keeper.js';
import { photos } from './photos.js';
import * as store from './store.js';

/** Where a finding's passage is on the page. */
const PLACES = { text: ['text', 'text'], x_text: ['text for X', 'x_text'] };

/**
 * The sheet of a draft. `left()` is called once it is sent or deleted.
 * Returns {element, lock(), refresh()}.
 */
export function sheetOf({ draft, trip, rules, keep, left }) {
  let busy = false;
  let told = false; // what is missing stands on the page
  let checked = { of: '', findings: [] };
  const sheet = { draft, trip, rules, keep, changed, noticed, locked: () => body.disabled };

  const text = make('textarea', { id: 'text', rows: 5, maxlength: rules.longest_text, 'aria-describedby': 'text-hint text-count', value: draft.text, input: () => { draft.text = text.value; changed(); } });
  const xText = make('textarea', { id: 'x_text', rows: 4, maxlength: rules.longest_x_text, 'aria-describedby': 'x-hint x-count', value: draft.x_text, input: () => { draft.x_text = xText.value; changed(); } });
  const textCount = make('p', { class: 'count muted', id: 'text-count' });
  const xCount = make('p', { class: 'count muted', id: 'x-count' });
  const forX = make('details', { open: Boolean(draft.x_text) }, make('summary', {}, 'Different words for X'),
    field('x_text', 'Text for X', 'x-hint', `Leave it empty to use the same text. X takes ${rules.x_limit} characters.`, xText));
  const found = { text: make('div', { 'aria-live': 'polite' }), x_text: make('div', { 'aria-live': 'polite' }) };
  const unchecked = make('p', { class: 'muted', 'aria-live': 'polite' });
  const words = make('section', { class: 'card', 'aria-label': 'Words' },
    field('text', 'What happened?', 'text-hint', 'For families and the school website. No pupil’s name, nothing personal.', text),
    textCount, found.text, trip.channels.includes('x') ? [forX, xCount, found.x_text] : [], unchecked);

  const boxes = trip.channels.map((channel) => make('input', { type: 'checkbox', value: channel, checked: draft.channels.includes(channel), change: choose }));
  const places = make('fieldset', { id: 'places', tabindex: '-1' }, make('legend', {}, 'Where should it appear?'),
    boxes.map((box) => make('label', { class: 'choice' }, box, make('span', {}, rules.channel_names[box.value], rules.by_hand?.includes(box.value) ? make('span', { class: 'muted' }, ' (once approved, you post it there by hand)') : null))));

  const about = trip.groups.map((group) => make('input', { type: 'checkbox', value: group.id, checked: draft.groups?.includes(group.id), change: chooseGroups }));
  const groups = about.length < 2 ? null : make('fieldset', { id: 'groups' }, make('legend', {}, 'Which groups is it about?'),
    make('p', { class: 'hint' }, 'Families can look at one group alone. Tick none if it is about everybody.'),
    about.map((box, number) => make('label', { class: 'choice' }, box, make('span', {}, trip.groups[number].name))));

  const pictures = photos(sheet);
  const mend = make('div', { class: 'problem', tabindex: '-1', id: 'missing', hidden: true });
  const send = button('Send to the head', sendIt, { class: 'wide' });
  const doubt = make('div', { class: 'problem', role: 'group', 'aria-label': 'Delete this draft?', hidden: true });
  const away = button('Delete this draft', () => askDelete(), { class: 'danger' });
  const plain = make('a', { href: `/staff/updates/new?plain=1&trip=${encodeURIComponent(draft.trip)}` }, 'Use the plain page');
  const body = make('fieldset', { class: 'sheet' }, make('legend', { class: 'aside' }, 'Your update'),
    pictures.element, words, groups, places, mend, send,
    make('p', { class: 'hint' }, 'It waits on this phone until there is signal. You can close this page then.'),
    doubt, make('p', { class: 'actions' }, away), make('p', {}, plain));
  const soon = watchWords(draft.trip, passages, (findings, why) => { checked = { of: JSON.stringify(passages()), findings }; unchecked.textContent = why; showFindings(); });
  recount();
  soon();

  function field(id, label, hintId, hint, area) {
    return make('div', { class: 'field' }, make('label', { for: id }, label), make('p', { class: 'hint', id: hintId }, hint), area);
  }

  function changed() {
    keep.changed();
    noticed();
  }

  /** What follows from a change that is kept already. */
  function noticed() {
    recount();
    soon();
    if (told) mendList();
  }

  function chooseGroups() {
    draft.groups = about.filter((box) => box.checked).map((box) => box.value);
    changed();
  }

  function choose() {
    draft.channels = boxes.filter((box) => box.checked).map((box) => box.value);
    pictures.refresh();
    changed();
  }

  function forXText() { return draft.channels.includes('x') ? draft.x_text.trim() || draft.text : ''; }

  function recount() {
    textCount.textContent = `${draft.text.length} of ${rules.longest_text}`;
    const [sentence, long] = counted(forXText());
    const chosen = draft.channels.includes('x');
    if (chosen && long && !forX.open) { forX.open = true; announce(sentence); }
    xCount.textContent = chosen ? sentence : '';
    xCount.classList.toggle('no', chosen && long);
  }

  function passages() {
    return body.isConnected && { text: draft.text.trim(), x_text: draft.x_text.trim(), alts: draft.photos.map((photo) => photo.alt) };
  }

  function showFindings() {
    for (const where of Object.keys(found)) found[where].replaceChildren(...remarks(checked.findings, where));
    pictures.cards().forEach((card) => card.find(checked.findings));
  }

  /** All that the phone can know to be missing: [[sentence, id of the place], …]. */
  function missing() {
    const say = [];
    if (!trip.pupils.length && !trip.channels.length) return [['This trip is over, or you are not on it any more. Copy the words if you need them.', 'text']];
    if (pictures.busy()) say.push(['A photo is still being made ready. Wait a moment.', 'progress']);
    say.push(...pictures.cards().flatMap((card) => card.missing()));
    if (!draft.text.trim()) say.push(['Write what happened: every update has words.', 'text']);
    if (!draft.channels.length) say.push(['Choose at least one place for it to appear.', 'places']);
    if (counted(forXText())[1]) say.push([counted(forXText())[0], 'x_text']);
    if (checked.of === JSON.stringify(passages())) say.push(...checked.findings.filter((each) => each.severity === 'stop').map(stopped));
    return say;
  }

  function stopped({ where, excerpt, message }) {
    const number = Number(where.split(' ')[1]);
    const [name, id] = PLACES[where] ?? [`alt text of photo ${number}`, pictures.cards()[number - 1]?.alt.id];
    return [`“${excerpt}” in the ${name}: ${message}`, id];
  }

  function mendList() {
    const list = missing();
    told = list.length > 0;
    mend.hidden = !told;
    mend.replaceChildren(make('p', {}, 'Before it can go to the head:'), make('ul', {}, list.map(([sentence, id]) => make('li', {},
      make('a', { href: `#${id}`, click: (event) => { event.preventDefault(); goTo(id); } }, sentence)))));
    return told;
  }

  function goTo(id) {
    const place = document.getElementById(id);
    place?.closest('details')?.setAttribute('open', '');
    place?.scrollIntoView({ block: 'center' });
    place?.focus({ preventScroll: true });
  }

  /** One update, however often the button is tapped: the flag is set before anything is waited for, and a frozen draft is frozen once. */
  async function sendIt() {
    if (busy || body.disabled) return;
    if (mendList()) { mend.focus(); return; }
    await leave(send, 'Saving …', async () => { await keep.settled(); await keep.inTurn(() => store.freeze(draft.id)); });
  }

  function askDelete() {
    const what = draft.photos.length ? ` and ${draft.photos.length === 1 ? 'its photo' : `its ${draft.photos.length} photos`}` : '';
    const yes = button('Delete for good', () => leave(yes, 'Deleting …', () => keep.inTurn(() => store.deleteDraft(draft.id))), { class: 'danger' });
    const no = button('Keep it', () => { doubt.hidden = true; away.hidden = false; away.focus(); });
    doubt.replaceChildren(make('p', {}, `Delete this update${what} from this phone? It cannot be brought back.`), make('div', { class: 'actions' }, yes, no));
    doubt.hidden = false;
    away.hidden = true;
    no.focus();
  }

  async function leave(pressed, meanwhile, work) {
    if (busy) return;
    busy = true;
    const before = pressed.textContent;
    pressed.textContent = meanwhile;
    body.disabled = true;
    try {
      await work();
      keep.stop();
      left();
    } catch (error) {
      body.disabled = false;
      busy = false;
      pressed.textContent = before;
      mend.replaceChildren(make('p', {}, inWords(error)));
      mend.hidden = false;
      mend.focus();
    }
  }

  const lock = () => { body.disabled = true; };
  return { element: body, lock, refresh: () => pictures.refresh() };
}
