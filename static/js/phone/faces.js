// The picture with its marks: a tap marks a face, and a line below says who it is. Drawn on a canvas: the page's policy
// shows no blob: address.

import { announce, button, make } from './dom.js';
import { askWho, fullName } from './who.js';

const SIZES = { small: 0.04, medium: 0.08, large: 0.2 }; // of the long edge, as on the plain page
const WIDEST = 1024; // pixels of the drawing: four of them fit into an old phone
const NEAR = 0.35; // of a mark's size: a tap that close means the mark that is there

/** The box of a face that was tapped: [left, top, width, height] in parts of the picture. */
export function boxAt(across, down, size, width, height) {
  const side = SIZES[size] * Math.max(width, height);
  const [w, h] = [Math.min(1, side / width), Math.min(1, side / height)];
  const within = (at, part) => Math.min(1 - part, Math.max(0, at - part / 2));
  return [within(across, w), within(down, h), w, h].map((part) => Math.round(part * 1e4) / 1e4);
}

/** The marks on the part of a picture inside `crop`; those whose middle was cut off are gone. */
export function marksWithin(faces, [left, top, width, height]) {
  return faces.flatMap(({ box: [x, y, w, h], is }) => {
    const [across, down] = [(x + w / 2 - left) / width, (y + h / 2 - top) / height];
    if (across <= 0 || across >= 1 || down <= 0 || down >= 1) return [];
    const [l, t] = [Math.max(0, (x - left) / width), Math.max(0, (y - top) / height)];
    const [r, b] = [Math.min(1, (x + w - left) / width), Math.min(1, (y + h - top) / height)];
    return [{ box: [l, t, r - l, b - t].map((part) => Math.floor(part * 1e4) / 1e4), is }];
  });
}

function sizeOf({ box: [, , w, h] }, { width, height }) {
  const part = Math.max(w * width, h * height) / Math.max(width, height);
  return Object.keys(SIZES).reduce((best, size) => (Math.abs(SIZES[size] - part) < Math.abs(SIZES[best] - part) ? size : best));
}

/** The picture of a photo with its marks. `changed` is called after each. Returns {marked, lines, draw, refresh}. */
export function faces(sheet, photo, changed) {
  const canvas = make('canvas', { role: 'img' });
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const marked = make('div', { class: 'marked snap', click: tap }, canvas, svg);
  const lines = make('div', {});
  let size = 'medium'; // the one chosen last: faces in one picture are alike

  async function tap(event) {
    if (!canvas.width || sheet.locked() || marked.classList.contains('cutting')) return;
    const around = canvas.getBoundingClientRect();
    const [across, down] = [(event.clientX - around.left) / around.width, (event.clientY - around.top) / around.height];
    let at = photo.faces.findIndex(({ box: [x, y, w, h] }) => Math.abs(across - x - w / 2) < w * NEAR && Math.abs(down - y - h / 2) < h * NEAR);
    if (at < 0) at = photo.faces.push({ box: boxAt(across, down, size, photo.width, photo.height), is: null }) - 1;
    told();
    await ask(photo.faces[at]);
  }

  async function ask(face) {
    const said = await askWho(sheet, photo, photo.faces.indexOf(face) + 1);
    const number = photo.faces.indexOf(face) + 1;
    if (said === 'remove') { remove(face); return; }
    if (said !== undefined) {
      photo.faces.forEach((other) => { if (other !== face && other.is === said && !(said in sheet.rules.others)) other.is = null; });
      face.is = said;
      told();
      announce(`Face ${number}: ${answer(face)}`);
    }
    lines.querySelectorAll('.who-is')[number - 1]?.focus({ preventScroll: true });
  }

  function remove(face) {
    photo.faces.splice(photo.faces.indexOf(face), 1);
    told();
    announce('The mark is removed.');
    (lines.querySelector('.who-is') ?? marked.closest('section')?.querySelector('h2'))?.focus({ preventScroll: true });
  }

  function told() { refresh(); changed(); }

  function answer(face) {
    if (!face.is) return '';
    const pupil = sheet.trip.pupils.find((each) => each.id === face.is);
    return pupil ? fullName(pupil) : sheet.rules.others[face.is];
  }

  function line(face, index) {
    const number = index + 1;
    const small = make('canvas', { class: 'face-picture', 'aria-hidden': 'true' });
    cutOut(canvas, face.box, small);
    const now = sizeOf(face, photo);
    const next = Object.keys(SIZES)[(Object.keys(SIZES).indexOf(now) + 1) % 3];
    const resize = () => {
      const [x, y, w, h] = face.box;
      size = next;
      face.box = boxAt(x + w / 2, y + h / 2, size, photo.width, photo.height);
      told();
      lines.querySelectorAll('.size')[index].focus();
    };
    const who = face.is ? `Face ${number}: ${answer(face)}` : `Who is face ${number}?`;
    return make('div', { class: 'face' }, small, make('div', {},
      button(who, () => ask(face), { class: face.is ? 'secondary who-is' : 'who-is' }),
      make('div', { class: 'actions' },
        button(`Size: ${now}`, resize, { class: 'secondary size', 'aria-label': `Size: ${now}, of the mark on face ${number}` }),
        button('Remove', () => remove(face), { 'aria-label': `Remove the mark on face ${number}` }))));
  }

  function refresh() {
    const { width, height } = photo;
    const unit = (width + height) / 100;
    svg.setAttribute('viewBox', `0 0 ${width || 1} ${height || 1}`);
    svg.replaceChildren(...photo.faces.flatMap(({ box: [x, y, w, h], is }, index) => {
      const look = is ? (is === 'someone_else' ? 'stranger' : 'known') : 'open';
      const rect = shape('rect', { x: x * width, y: y * height, width: w * width, height: h * height, rx: unit, class: look });
      const text = shape('text', { x: x * width, y: Math.max(y * height - unit * 0.6, unit * 3.2), 'font-size': unit * 3.2 });
      text.textContent = index + 1;
      return [rect, text];
    }));
    const strangers = photo.faces.filter((face) => face.is === 'someone_else').length;
    lines.replaceChildren(...photo.faces.map(line), ...(strangers ? [make('div', { class: 'ask' }, make('p', {},
      'Somebody else must not be seen. Crop them out here; or send it, and cover the face on the school’s page before the head sees it.'))] : []));
  }

  /** Show this bitmap, and let it go. */
  function draw(bitmap) {
    const scale = Math.min(1, WIDEST / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const brush = canvas.getContext('2d', { alpha: false });
    brush.imageSmoothingQuality = 'high';
    brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    refresh();
  }

  const name = (words) => canvas.setAttribute('aria-label', words);
  return { marked, lines, draw, refresh, name };
}

function shape(name, attributes) {
  const one = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  return one;
}

function cutOut(from, [x, y, w, h], small) {
  small.width = small.height = 144;
  const side = Math.max(w * from.width, h * from.height) * 1.3;
  if (!side) return;
  const [left, top] = [(x + w / 2) * from.width - side / 2, (y + h / 2) * from.height - side / 2];
  small.getContext('2d').drawImage(from, left, top, side, side, 0, 0, 144, 144);
}
