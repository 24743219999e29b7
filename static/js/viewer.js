// A photo opens over the page, as wide as the screen; the others are a swipe, an arrow key or a button away.
// Escape, the button or the phone's own "back" closes it. Without this script a photo opens by its link.

const links = [...document.querySelectorAll('.photos a')];
const calm = matchMedia('(prefers-reduced-motion: reduce)');
let viewer;
let strip;
let count;
let shown = 0; // which photo was looked at last: a closed viewer cannot be asked

if ('showModal' in (globalThis.HTMLDialogElement?.prototype ?? {})) {
  links.forEach((link, number) => link.addEventListener('click', (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // to a tab of its own
    event.preventDefault();
    open(number);
  }));
  addEventListener('popstate', () => viewer?.close());
}

function make(name, about, ...inside) {
  const made = Object.assign(document.createElement(name), about);
  made.append(...inside);
  return made;
}

/** Only the photos that are near are loaded, each at the width of the screen. */
function large(link) {
  const picture = link.querySelector('picture').cloneNode(true);
  for (const each of picture.children) each.sizes = '100vw';
  const image = picture.querySelector('img');
  image.loading = 'lazy';
  return make('li', {}, picture);
}

function build() {
  const button = (className, label, click) => {
    const made = make('button', { type: 'button', className, textContent: { before: '‹', next: '›', close: '×' }[className] });
    made.setAttribute('aria-label', label);
    made.addEventListener('click', click);
    return made;
  };
  strip = make('ul', { tabIndex: 0 }, ...links.map(large));
  strip.setAttribute('aria-label', 'Swipe, or use the arrow keys');
  count = make('p', { ariaLive: 'polite' });
  viewer = make('dialog', { className: 'viewer' }, button('close', 'Close', () => viewer.close()), strip, count,
    button('before', 'The photo before', () => go(at() - 1)), button('next', 'The next photo', () => go(at() + 1)));
  viewer.setAttribute('aria-label', 'Photos');
  strip.addEventListener('scroll', tell, { passive: true });
  viewer.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); go(at() + step); }
  });
  viewer.addEventListener('close', closed);
  document.body.append(viewer);
}

function at() { return Math.round(strip.scrollLeft / strip.clientWidth); }

function go(number, behavior = calm.matches ? 'instant' : 'smooth') {
  strip.scrollTo({ left: Math.max(0, Math.min(number, links.length - 1)) * strip.clientWidth, behavior });
}

function tell() {
  if (!viewer.open) return;
  shown = at();
  const words = `${shown + 1} of ${links.length}`;
  if (count.textContent !== words) count.textContent = words;
}

function open(number) {
  if (!viewer) build();
  viewer.showModal();
  go(number, 'instant');
  tell();
  history.pushState({ viewer: true }, '');
}

/** Back to the photo that was looked at last. */
function closed() {
  links[shown].focus();
  if (history.state?.viewer) history.back();
}
