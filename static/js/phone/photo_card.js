// One photo of a draft: the picture with its marks, what it shows, who is in it, where it can appear.

import { remarks } from './check.js';
import { barriers } from './consent.js';
import { askCrop } from './cropper.js';
import { announce, button, fileButton, make } from './dom.js';
import { inWords } from './keeper.js';
import { faces, marksWithin } from './faces.js';
import { cut, opened } from './shrink.js';
import * as store from './store.js';
import { whoList } from './who.js';

/**
 * A card for a photo. `remove()` takes the photo out, `replace(files)` puts another in its place.
 * Returns {element, photo, heading, alt, refresh(number), find(findings), missing()}.
 */
export function photoCard(sheet, photo, remove, replace) {
  const { trip, rules } = sheet;
  const key = photo.id; // for addresses on the page: the photo's own id changes with its pixels
  let number = 0;
  let gone = false; // its picture is not on this phone
  let cropping = false;
  const heading = make('h2', { id: `photo-${key}`, tabindex: '-1' });
  const trouble = make('div', { role: 'alert' });
  const picture = faces(sheet, photo, answered);
  const tip = make('p', { class: 'hint' }, 'Tap a face to say who it is.');
  const again = make('p', { class: 'note', hidden: true }, 'Cropped. Look again who is in it, and untick whoever is not.');
  const who = whoList(sheet, photo, key, answered);
  const alt = make('textarea', {
    id: `alt-${key}`, rows: 2, maxlength: rules.longest_alt, 'aria-describedby': `alt-hint-${key}`, value: photo.alt,
    input: () => { photo.alt = alt.value.trim(); sheet.changed(); },
  });
  const found = make('div', { 'aria-live': 'polite' });
  const places = make('div', { 'aria-live': 'polite' });
  const crop = button('Crop', cropIt, { disabled: true });
  const other = fileButton(`other-${key}`, 'Use another photo', (files) => replace(files.slice(0, 1)), {}, 'secondary');
  const away = button('', remove, { class: 'danger' });
  const element = make('section', { class: 'card photo', 'aria-labelledby': `photo-${key}` },
    heading, trouble, picture.marked, tip, again, picture.lines, who.element, places,
    make('div', { class: 'field' },
      make('label', { for: `alt-${key}` }, 'What does it show?'),
      make('p', { class: 'hint', id: `alt-hint-${key}` }, 'One sentence for people who cannot see it, such as “A group of children building a raft.” No names.'),
      alt, found),
    make('div', { class: 'actions' }, crop, other, away));
  show();

  async function show() {
    try {
      const kept = await store.picture(photo.id);
      gone = !kept;
      const bitmap = kept ? await opened(kept) : null;
      if (bitmap) picture.draw(bitmap);
      crop.disabled = !bitmap;
      tip.hidden = picture.marked.hidden = crop.hidden = !bitmap;
      trouble.replaceChildren(...notice(bitmap));
    } catch (error) {
      trouble.replaceChildren(make('p', { class: 'problem' }, `This photo cannot be shown just now (${error.name}). It is still on this phone. Close other apps, and open this page again.`));
    }
  }

  function notice(bitmap) {
    if (gone) return [make('p', { class: 'problem' }, 'This photo is not on this phone any more. Remove it, and add it again.')];
    return bitmap ? [] : [make('p', { class: 'note' }, `${photo.name || 'This photo'} is safe on this phone, but the phone cannot show it here. It is sent as it is: say below who is in it. You see it on the school’s page after sending.`)];
  }

  function answered() {
    again.hidden = true;
    who.refresh();
    places.replaceChildren(...appears());
    sheet.changed();
  }

  function appears() {
    const why = barriers(photo, trip, rules, sheet.draft.channels);
    const shut = Object.keys(why).filter((channel) => why[channel] && why[channel] !== rules.sentences.unanswered);
    other.hidden = shut.length === 0;
    const told = photo.pictured === null ? shut : Object.keys(why); // what is open is told once everybody is known
    if (!told.length) return [];
    const lines = told.map((channel) => make('li', {}, `${rules.channel_names[channel]}: `,
      why[channel] ? [make('span', { class: 'no' }, 'not here.'), ` ${why[channel]}`] : make('span', { class: 'yes' }, 'can be shown')));
    const all = shut.length === Object.keys(why).length;
    const advice = all ? 'Crop it, or use another photo.' : 'Crop it, use another photo, or leave it: it is shown in the other places then.';
    return [make('h3', {}, 'Where this photo can appear'), make('ul', { class: 'plain-list' }, lines), shut.length ? make('p', { class: 'ask' }, advice) : ''];
  }

  async function cropIt() {
    crop.disabled = cropping = true;
    const box = await askCrop(picture.marked, `photo ${number}`);
    try {
      if (box) await keepPart(box);
      if (box) await show();
      again.hidden = !box || !photo.pictured?.length;
      if (box) announce(`Photo ${number} is cropped.`);
    } catch (error) {
      trouble.replaceChildren(make('p', { class: 'problem' }, `Photo ${number} is as it was. ${inWords(error)}`));
    }
    crop.disabled = cropping = false;
    crop.focus({ preventScroll: true });
  }

  /** New pixels are a new photo, under an id of its own; the old picture goes in the same moment. */
  async function keepPart(box) {
    const made = await cut(await store.picture(photo.id), box);
    const id = crypto.randomUUID();
    const { width, height, type, buf } = made;
    const other = { id, width, height, type, bytes: buf.byteLength };
    const cropped = () => {
      const stay = marksWithin(photo.faces, box);
      const left = photo.faces.map((face) => face.is).filter((is) => is && !stay.some((face) => face.is === is));
      return { ...other, faces: stay, pictured: photo.pictured?.filter((pupil) => !left.includes(pupil)) ?? null };
    };
    const list = () => sheet.draft.photos.map((each) => (each === photo ? { ...photo, ...cropped() } : each));
    await sheet.keep.photos(list, { id, ...made }, photo.id, () => Object.assign(photo, cropped()));
    answered();
  }

  function refresh(now) {
    number = now;
    heading.textContent = `Photo ${number}`;
    away.textContent = `Remove photo ${number}`;
    picture.name(`Photo ${number}`);
    places.replaceChildren(...appears());
  }

  /** What the phone knows to be missing: [[sentence, id of the place], …]. */
  function missing() {
    const say = [];
    if (gone) return [[`Photo ${number} is not on this phone any more. Remove it, and add it again.`, heading.id]];
    if (cropping) say.push([`Photo ${number}: keep the part in the frame, or leave the photo as it was.`, heading.id]);
    photo.faces.forEach((face, index) => { if (!face.is) say.push([`Photo ${number}: say who face ${index + 1} is, or remove the mark.`, heading.id]); });
    if (photo.pictured === null) say.push([`Photo ${number}: say who is in it, or that no pupil is.`, `who-${key}`]);
    const why = Object.values(barriers(photo, trip, rules, sheet.draft.channels));
    if (photo.pictured !== null && why.length && why.every(Boolean)) say.push([`Photo ${number} cannot be shown in any of the places you chose. Crop it, or use another photo.`, heading.id]);
    if (!photo.alt) say.push([`Photo ${number}: say in a sentence what it shows.`, alt.id]);
    return say;
  }

  const find = (findings) => found.replaceChildren(...remarks(findings, `alt ${number}`));
  return { element, photo, heading, alt, refresh, find, missing };
}
