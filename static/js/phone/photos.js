// The photos of a draft: taken or picked, made small one after the other, each with its card.

import { announce, button, count, fileButton, make } from './dom.js';
import { inWords } from './keeper.js';
import { photoCard } from './photo_card.js';
import { shrink } from './shrink.js';

/** Returns {element, cards(), busy(), refresh()}. */
export function photos(sheet) {
  const { draft, rules, keep } = sheet;
  let cards = [];
  let left = []; // files that are still to be made small: [file, card to replace or null]
  let total = 0;
  let working = null;
  const progress = make('p', { role: 'status', id: 'progress', class: 'hint' });
  const trouble = make('div', { role: 'alert' });
  const list = make('div', {});
  const pick = make('div', { class: 'actions' },
    fileButton('take', 'Take a photo', (files) => add(files), { capture: 'environment' }),
    fileButton('photos', 'Pick photos', (files) => add(files), { multiple: true }, 'secondary'));
  const full = make('p', { class: 'hint' }, `An update has at most ${count(rules.most_photos, 'photo')}. Remove one to add another.`);
  const element = make('section', { 'aria-label': 'Photos' },
    make('p', { class: 'hint' }, `Up to ${rules.most_photos}: groups, places, things. Where and when a photo was taken is removed.`),
    pick, full, progress, trouble, list);
  draft.photos.forEach((photo) => place(photo));
  refresh();

  function add(files, instead = null) {
    trouble.replaceChildren();
    const room = instead ? 1 : rules.most_photos - draft.photos.length - left.length;
    const fits = files.slice(0, Math.max(0, room));
    if (files.length > fits.length) refuse(`An update has at most ${count(rules.most_photos, 'photo')}, so ${count(files.length - fits.length, 'photo')} more ${files.length - fits.length === 1 ? 'was' : 'were'} not added.`);
    left.push(...fits.map((file) => [file, instead]));
    total += fits.length;
    if (left.length) working ||= work().finally(() => { working = null; total = 0; sheet.noticed(); });
  }

  async function work() {
    const before = draft.photos.length;
    let done = 0;
    const unkept = [];
    while (left.length) {
      const [file, instead] = left[0];
      done += 1;
      progress.textContent = `Photo ${done} of ${total} is being made ready …`;
      try {
        await addOne(file, instead);
      } catch (error) {
        if (error.name === 'QuotaExceededError') unkept.push([file, instead]);
        else refuse(`${file.name || 'One photo'} was not added. ${inWords(error)}`);
      }
      left.shift();
    }
    progress.textContent = '';
    if (unkept.length) phoneFull(unkept);
    const more = draft.photos.length - before;
    if (more > 0) announce(`${count(more, 'photo')} added and saved on this phone.`);
    refresh();
  }

  async function addOne(file, instead) {
    const { buf, type, width, height } = await shrink(file, rules.most_bytes);
    const photo = { id: crypto.randomUUID(), alt: '', pictured: null, faces: [], name: file.name, bytes: buf.byteLength, type, width, height };
    const list = () => (instead ? draft.photos.map((each) => (each === instead.photo ? photo : each)) : [...draft.photos, photo]);
    await keep.photos(list, { id: photo.id, buf, type, width, height }, instead?.photo.id, (next) => { draft.photos = next; });
    if (instead) take(instead, place(photo, instead.element));
    else place(photo);
    refresh();
  }

  function place(photo, where = null) {
    const card = photoCard(sheet, photo, () => remove(card), (files) => add(files, card));
    if (where) { where.before(card.element); return card; }
    cards.push(card);
    list.append(card.element);
    return card;
  }

  function take(old, card) {
    cards = cards.map((each) => (each === old ? card : each));
    old.element.remove();
  }

  async function remove(card) {
    try {
      await keep.photos(() => draft.photos.filter((each) => each !== card.photo), null, card.photo.id, (next) => { draft.photos = next; });
    } catch (error) {
      refuse(inWords(error));
      return;
    }
    const at = cards.indexOf(card);
    cards = cards.filter((each) => each !== card);
    card.element.remove();
    refresh();
    sheet.noticed();
    announce('The photo is removed.');
    (cards[Math.min(at, cards.length - 1)]?.heading ?? document.getElementById('photos'))?.focus();
  }

  function refuse(words) { trouble.append(make('p', { class: 'problem' }, words)); }

  /** The files stay in this page until there is room: nothing that was taken is lost while it is open. */
  function phoneFull(unkept) {
    const names = unkept.map(([file]) => file.name || 'a photo').join(', ');
    trouble.append(make('div', { class: 'problem' },
      make('p', {}, `This phone is full, so it could not keep ${names}. Everything else is kept. Delete films or apps that you do not need, keep this page open, and try again.`),
      button('Try again', () => { const files = unkept.slice(); trouble.replaceChildren(); files.forEach(([file, instead]) => add([file], instead)); })));
  }

  function refresh() {
    cards.forEach((card, index) => card.refresh(index + 1));
    const most = draft.photos.length >= rules.most_photos;
    pick.hidden = most;
    full.hidden = !most;
  }

  return { element, cards: () => cards, busy: () => Boolean(working), refresh };
}
