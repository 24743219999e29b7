// Elements, made shortly; and what a screen reader is told.

/** An element. Functions become listeners, true and false properties, the rest attributes (null and undefined: none). */
export function make(name, what = {}, ...inside) {
  const one = document.createElement(name);
  for (const [key, value] of Object.entries(what)) {
    if (typeof value === 'function') one.addEventListener(key, value);
    else if (typeof value === 'boolean' || key === 'value') one[key] = value;
    else if (value !== null && value !== undefined) one.setAttribute(key, value);
  }
  one.append(...inside.flat().filter((each) => each !== null && each !== undefined && each !== ''));
  return one;
}

/** A button that sends no form. */
export function button(words, click, what = {}) {
  return make('button', { type: 'button', class: 'secondary', click, ...what }, words);
}

/** A file input that looks like a button and can be pressed like one. `take` gets the files, as a list. */
export function fileButton(id, words, take, what = {}, look = '') {
  const input = make('input', {
    type: 'file', id, accept: 'image/*,.heic,.heif', ...what,
    change: () => { const files = [...input.files]; input.value = ''; if (files.length) take(files); },
  });
  return make('span', { class: `pick ${look}` }, make('label', { for: id }, words), input);
}

/** Say something to those who do not see the page. */
export function announce(words) {
  const place = document.getElementById('said');
  if (place) place.textContent = words;
}

/** One passage as people say it: "2 photos", "1 photo". */
export function count(number, word) { return `${number} ${word}${number === 1 ? '' : 's'}`; }
