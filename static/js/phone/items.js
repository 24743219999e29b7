// Draws the lines of the outbox into a list, and touches only what has changed: a finger may be on its way to a button.

import { button, make } from './dom.js';
import { DEEDS } from './lines.js';

/** A list that `show(lines)` keeps up to date. `act(deed, id)` is called for a button. */
export function listOf(act) {
  const element = make('ul', { class: 'plain-list items' });
  const drawn = new Map(); // id -> what stands there
  return {
    element,
    show(lines) {
      const wanted = new Set(lines.map((line) => line.id));
      for (const [id, one] of drawn) if (!wanted.has(id)) { one.item.remove(); drawn.delete(id); }
      lines.forEach((line, place) => {
        const { progress, ...rest } = line;
        const now = JSON.stringify(rest);
        const before = drawn.get(line.id);
        if (before?.now !== now) drawn.set(line.id, { now, item: replace(before?.item, itemOf(line, act)) });
        const { item } = drawn.get(line.id);
        const bar = item.querySelector('progress');
        if (bar && progress) Object.assign(bar, progress);
        if (element.children[place] !== item) element.insertBefore(item, element.children[place] ?? null);
      });
      element.hidden = !lines.length;
    },
  };
}

/** Put a new item where the old one is, with the focus where it was. */
function replace(old, item) {
  const held = old?.contains(document.activeElement) ? document.activeElement.dataset.deed : undefined;
  old?.replaceWith(item);
  if (held !== undefined || old?.contains(document.activeElement)) (item.querySelector(`[data-deed="${held}"]`) ?? item).focus();
  return item;
}

function itemOf(line, act) {
  const words = `words-${line.id}`;
  const about = { 'aria-describedby': words };
  const deeds = make('div', { class: 'deeds' });
  const link = ({ href, words: named, main }) => make('a', { href, class: main ? 'button' : null, 'data-deed': href, ...about }, named);
  const look = (deed) => (deed === 'delete' ? 'danger' : line.tone === 'bad' && deed === line.deeds[0] ? '' : 'secondary');
  const press = (deed) => button(DEEDS[deed], () => (deed === 'delete' ? askTwice() : act(deed, line.id)), { class: look(deed), 'data-deed': deed, ...about });
  const plain = () => deeds.replaceChildren(...line.links.map(link), ...line.deeds.map(press));
  const askTwice = () => {
    const yes = button('Yes, delete it', () => act('delete', line.id), { class: 'danger', 'data-deed': 'delete' });
    const no = button('No, keep it', () => { plain(); deeds.querySelector('[data-deed=delete]').focus(); });
    deeds.replaceChildren(make('p', { id: `really-${line.id}` }, line.really), yes, no);
    yes.setAttribute('aria-describedby', `really-${line.id}`);
    no.focus();
  };
  plain();
  return make('li', { 'data-id': line.id, 'data-state': line.state, 'data-stage': line.stage || null, class: 'item', tabindex: '-1' },
    make('p', { class: 'byline' }, make('span', { class: `state ${line.tone}` }, line.label), ' ', make('span', { class: 'muted' }, line.about)),
    make('p', { class: 'words', id: words }, line.words),
    line.progress ? make('progress', { 'aria-label': line.label }) : null,
    line.why ? make('p', { class: line.tone === 'bad' ? 'no' : 'muted' }, line.why) : null,
    line.reasons.map((reason) => make('p', { class: 'reason' }, reason)),
    line.hint ? make('p', { class: 'muted' }, line.hint) : null,
    line.links.length || line.deeds.length ? deeds : null);
}
