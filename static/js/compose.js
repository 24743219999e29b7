// Makes the plain form quicker: a live count for X, a search and whole groups for pupils. The server decides everything.

import { counted } from './weigh.js';

function count(place) {
  const own = document.getElementById(place.dataset.countFor);
  const other = document.getElementById(place.dataset.countElse);
  const title = document.getElementById(place.dataset.countTitle);
  const x = document.querySelector('input[name=channels][value=x]');
  const { countBefore = '', countAfter = '' } = place.dataset; // what we add to the words ourselves
  const show = () => {
    const both = [title?.value.trim(), other.value.trim()].filter(Boolean).join('\n\n');
    const [words, long] = counted((own.value.trim() || countBefore + both) + countAfter);
    const goes = x?.checked ?? true; // what is urgent goes everywhere
    place.textContent = goes ? words : '';
    place.classList.toggle('no', goes && long);
    if (goes && long) own.closest('details').open = true;
  };
  for (const field of [own, other, title, x].filter(Boolean)) field.addEventListener('input', show);
  show();
}

function pick(who) {
  const radios = who.querySelectorAll('input[type=radio]');
  const boxes = [...who.querySelectorAll('input[type=checkbox]')];
  const settle = () => {
    const some = boxes.some((box) => box.checked);
    if (some) radios[1].checked = true;
  };
  for (const box of boxes) box.addEventListener('change', settle);
  radios[0].addEventListener('change', () => boxes.forEach((box) => { box.checked = false; }));

  const groups = [...who.querySelectorAll('details')];
  const chips = document.createElement('div');
  chips.className = 'chips';
  for (const group of groups) {
    const name = group.querySelector('summary').textContent.replace(/\s*\(\d+\)\s*$/, '');
    const chip = document.createElement('button');
    chip.type = 'button';
    chip.className = 'secondary';
    chip.textContent = name;
    chip.setAttribute('aria-label', `All of ${name}`);
    chip.addEventListener('click', () => {
      group.open = true;
      const inside = [...group.querySelectorAll('input[type=checkbox]')];
      const all = inside.every((box) => box.checked);
      inside.forEach((box) => { box.checked = !all; });
      settle();
    });
    chips.append(chip);
  }

  const search = document.createElement('input');
  search.type = 'search';
  search.placeholder = 'Find a pupil';
  search.setAttribute('aria-label', 'Find a pupil');
  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLowerCase();
    for (const group of groups) {
      let any = false;
      for (const label of group.querySelectorAll('label')) {
        const fits = label.textContent.toLowerCase().includes(wanted);
        label.classList.toggle('hidden', !fits);
        any ||= fits;
      }
      group.classList.toggle('hidden', !any);
      if (wanted) group.open = any;
    }
  });
  search.addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault(); });
  groups[0]?.before(chips, search);
}

document.querySelectorAll('[data-count-for]').forEach(count);
document.querySelectorAll('.who').forEach(pick);
document.getElementById('problem')?.focus();

// A double tap sends once (the ids on the form would make it one update anyway), and says that it is sending. After a
// while the button works again, for a page whose sending was stopped by hand.
const PATIENCE = 8000;

function sendOnce(form) {
  const word = document.createElement('p');
  word.className = 'hint';
  word.setAttribute('role', 'status');
  form.append(word);
  let sending = false;
  const rest = () => { sending = false; word.textContent = ''; };
  form.addEventListener('submit', (event) => {
    if (sending) { event.preventDefault(); return; }
    sending = true;
    word.textContent = 'Sending. Keep this page open; photos can take a minute.';
    setTimeout(() => { sending = false; }, PATIENCE);
  });
  addEventListener('pageshow', rest);
}

document.querySelectorAll('main form').forEach(sendOnce);
