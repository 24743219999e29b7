// Which part of a photo stays: a frame with a big handle at each corner, for a finger and for the keyboard.

import { announce, button, make } from './dom.js';

const SIDES = ['left', 'top', 'right', 'bottom'];
const LEAST = 20; // percent of the picture that stay, across and down
const STEP = 2; // percent for one press of an arrow key; five times that with Shift
const CORNERS = [['top', 'left'], ['top', 'right'], ['bottom', 'left'], ['bottom', 'right']];

/** Let somebody crop the picture in `marked`. Answers [left, top, width, height] in parts of it, or null for as it was. */
export function askCrop(marked, name) {
  return new Promise((answer) => {
    const cut = { left: 10, top: 10, right: 10, bottom: 10 };
    const frame = make('div', { class: 'cut', pointerdown: grab, pointermove: drag });
    const grips = make('div', { class: 'grips' });
    const hint = make('p', { class: 'hint', id: 'crop-hint' }, 'Drag the corners, or the frame. With the keyboard: arrow keys move a corner, Enter keeps this part, Escape leaves the photo as it was.');
    const keep = button('Keep this part', () => done(true), { class: '' });
    const group = make('div', { class: 'cutter', role: 'group', 'aria-label': `Crop ${name}`, keydown: escape },
      hint, make('p', { class: 'actions' }, keep, button('Leave it as it was', () => done(false))));
    const shade = make('div', { class: 'cut-box' }, frame);
    let held = null; // where a finger took the frame: {x, y, cut}

    for (const [down, across] of CORNERS) {
      grips.append(make('button', {
        type: 'button', class: `grip ${down} ${across}`, 'aria-label': `${down === 'top' ? 'Top' : 'Bottom'} ${across} corner`, 'aria-describedby': 'crop-hint',
        pointerdown: grab, keydown: (event) => press(event, down, across),
        pointermove: (event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const [x, y] = at(event);
          set(across, across === 'left' ? x : 100 - x);
          set(down, down === 'top' ? y : 100 - y);
        },
      }));
    }
    grips.addEventListener('keydown', escape);
    marked.append(shade, grips);
    marked.after(group);
    marked.classList.add('cutting');
    show();
    grips.firstChild.focus({ preventScroll: true });
    marked.scrollIntoView({ block: 'center' });

    function at(event) {
      const around = marked.getBoundingClientRect();
      return [100 * (event.clientX - around.left) / around.width, 100 * (event.clientY - around.top) / around.height];
    }

    function grab(event) {
      event.currentTarget.setPointerCapture(event.pointerId);
      const [x, y] = at(event);
      held = { x, y, cut: { ...cut } };
      if (event.currentTarget === frame) event.preventDefault();
    }

    function drag(event) {
      if (!frame.hasPointerCapture(event.pointerId)) return;
      const [x, y] = at(event);
      const within = (by, less, more) => Math.min(held.cut[more], Math.max(-held.cut[less], by));
      const [right, down] = [within(x - held.x, 'left', 'right'), within(y - held.y, 'top', 'bottom')];
      Object.assign(cut, { left: held.cut.left + right, right: held.cut.right - right, top: held.cut.top + down, bottom: held.cut.bottom - down });
      show();
    }

    function set(side, percent) {
      const other = SIDES[(SIDES.indexOf(side) + 2) % 4];
      cut[side] = Math.min(100 - LEAST - cut[other], Math.max(0, percent));
      show();
    }

    function press(event, down, across) {
      if (event.key === 'Enter') { event.preventDefault(); done(true); return; }
      const by = event.shiftKey ? 5 * STEP : STEP;
      const ways = { ArrowLeft: ['left', -by], ArrowRight: ['left', by], ArrowUp: ['top', -by], ArrowDown: ['top', by] };
      if (!(event.key in ways)) return;
      event.preventDefault();
      const [axis, way] = ways[event.key];
      const side = axis === 'left' ? across : down;
      set(side, cut[side] + (side === axis ? way : -way));
      announce(`Cut off: ${SIDES.map((each) => `${each} ${Math.round(cut[each])} percent`).join(', ')}`);
    }

    function escape(event) { if (event.key === 'Escape') { event.preventDefault(); done(false); } }

    function show() {
      for (const side of SIDES) frame.style[side] = grips.style[side] = `${cut[side]}%`;
    }

    function done(kept) {
      marked.classList.remove('cutting');
      [shade, grips, group].forEach((each) => each.remove());
      const part = (number) => Math.round(number * 100) / 1e4;
      answer(kept ? [part(cut.left), part(cut.top), part(100 - cut.left - cut.right), part(100 - cut.top - cut.bottom)] : null);
    }
  });
}
