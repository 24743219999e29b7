// Who is in a photo: pupils by group, whole groups at a tap, a search; and who a marked face is.

import { standing } from './consent.js';
import { button, make } from './dom.js';

/** Pupils by group: [[name, pupils], …], those without a group last. */
function grouped(trip) {
  const of = (group) => trip.pupils.filter((pupil) => (pupil.group ?? null) === group);
  const groups = trip.groups.map((group) => [group.name, of(group.id)]);
  return [...groups, ['No group', of(null)]].filter(([, pupils]) => pupils.length);
}

/** A pupil's full name. */
export function fullName(pupil) { return `${pupil.forename} ${pupil.surname}`; }

function standingOf(pupil, { trip, rules }) {
  const [words, yes] = standing(pupil, trip, rules);
  return make('span', { class: 'hint' }, yes ? words : make('span', { class: 'no' }, words));
}

/** A search that hides what does not fit; `sections` are [element, [[element, name], …]]. */
function search(sections, found) {
  const look = () => {
    const wanted = field.value.trim().toLowerCase();
    for (const [section, lines] of sections()) {
      const fits = lines.filter(([line, name]) => { line.hidden = !name.toLowerCase().includes(wanted); return !line.hidden; });
      section.hidden = fits.length === 0;
      if (wanted) found?.(section);
    }
  };
  const enter = (event) => { if (event.key === 'Enter') event.preventDefault(); };
  const field = make('input', { type: 'search', placeholder: 'Find a pupil', 'aria-label': 'Find a pupil', autocomplete: 'off', input: look, keydown: enter });
  return field;
}

/** The pupils of a photo who have no mark. `changed` is called after each answer. Returns {element, refresh}. */
export function whoList(sheet, photo, key, changed) {
  const { trip } = sheet;
  const boxes = new Map(); // pupil id -> [checkbox, hint]
  const legend = make('legend', { id: `who-${key}`, tabindex: '-1' });
  const hint = make('p', { class: 'hint' }, 'Pupils without a mark on the photo: turned away, cut off, far off.');
  const radio = (value, click) => make('input', { type: 'radio', name: `who-${key}`, value, change: click });
  const nobody = radio('nobody', () => { photo.pictured = []; tell(); });
  const these = radio('these', () => { if (!photo.pictured?.length) photo.pictured = null; tell(true); });
  const words = [make('span'), make('span')];
  const tell = (listing = false) => { refresh(listing); changed(); };

  const stays = (id, box) => (box.disabled ? photo.pictured?.includes(id) : box.checked);
  const ticked = () => [...boxes].filter(([id, [box]]) => stays(id, box)).map(([id]) => id);
  const settle = () => { const ids = ticked(); photo.pictured = ids.length ? ids : null; tell(true); };
  const line = (pupil) => {
    const box = make('input', { type: 'checkbox', value: pupil.id, change: settle });
    const face = make('span', { class: 'hint' });
    boxes.set(pupil.id, [box, face]);
    return make('label', { class: 'choice pupil' }, box, make('span', {}, fullName(pupil), make('br'), standingOf(pupil, sheet), face));
  };
  const groups = grouped(trip).map(([name, pupils]) => {
    const lines = pupils.map((pupil) => [line(pupil), fullName(pupil)]);
    const section = make('details', {}, make('summary', {}, `${name} (${pupils.length})`), lines.map(([each]) => each));
    const all = () => {
      const free = pupils.map((pupil) => boxes.get(pupil.id)[0]).filter((box) => !box.disabled);
      if (!free.length) return;
      const on = !free.every((box) => box.checked);
      free.forEach((box) => { box.checked = on; });
      section.open = true;
      settle();
    };
    return { section, lines, pupils, chip: button(name, all, { 'aria-label': `All of ${name}`, 'aria-pressed': 'false' }) };
  });
  const find = search(() => groups.map(({ section, lines }) => [section, lines]), (section) => { section.open = !section.hidden; });
  const element = make('fieldset', { class: 'who' }, legend, hint,
    make('label', { class: 'choice' }, nobody, words[0]), make('label', { class: 'choice' }, these, words[1]),
    make('div', { class: 'chips' }, groups.map(({ chip }) => chip)), find, groups.map(({ section }) => section));

  function refresh(listing = false) {
    const some = photo.faces.length > 0;
    legend.textContent = some ? 'Who else is in it?' : 'Who is in it?';
    hint.hidden = !some;
    words[0].textContent = some ? 'No other pupil is in it' : 'No pupil is in it';
    words[1].textContent = some ? 'These pupils too:' : 'These pupils:';
    for (const [id, [box, face]] of boxes) {
      const at = photo.faces.findIndex((each) => each.is === id);
      box.disabled = at >= 0; // said already, at the face
      box.checked = at >= 0 || Boolean(photo.pictured?.includes(id));
      face.textContent = at >= 0 ? ` · face ${at + 1}` : '';
    }
    for (const { chip, pupils } of groups) chip.setAttribute('aria-pressed', String(pupils.every((pupil) => boxes.get(pupil.id)[0].checked)));
    nobody.checked = photo.pictured?.length === 0;
    these.checked = !nobody.checked && (listing || Boolean(photo.pictured?.length));
  }
  for (const { section, pupils } of groups) section.open = pupils.some((pupil) => photo.pictured?.includes(pupil.id));
  refresh();
  return { element, refresh };
}

/** Ask who a face is. Answers a pupil's id, a key of rules.others, 'remove' for the mark, or undefined for later. */
export function askWho(sheet, photo, number) {
  const { trip, rules } = sheet;
  return new Promise((answer) => {
    const dialog = make('dialog', { class: 'ask-who', 'aria-labelledby': 'ask-who' });
    const close = (said) => { answer(said); dialog.close(); };
    const line = (words, said, more) => button([make('span', {}, words), more], () => close(said));
    const sections = grouped(trip).map(([name, pupils]) => {
      const lines = pupils.map((pupil) => {
        const at = photo.faces.findIndex((each, index) => each.is === pupil.id && index !== number - 1);
        const [words, yes] = standing(pupil, trip, rules);
        const more = at < 0 ? (yes ? null : make('span', { class: 'hint no' }, words)) : make('span', { class: 'hint' }, `is face ${at + 1} now`);
        return [line(fullName(pupil), pupil.id, more), fullName(pupil)];
      });
      return [make('section', {}, make('h3', {}, name), lines.map(([each]) => each)), lines];
    });
    dialog.append(
      make('h2', { id: 'ask-who', tabindex: '-1', autofocus: true }, `Who is face ${number}?`),
      make('div', { class: 'chips' }, Object.entries(rules.others).map(([key, words]) => button(words, () => close(key)))),
      search(() => sections), ...sections.map(([section]) => section),
      make('p', { class: 'actions' },
        button('Answer later', () => close(undefined)),
        button('Remove mark', () => close('remove'), { class: 'danger' })));
    dialog.addEventListener('close', () => { answer(undefined); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
