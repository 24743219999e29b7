// Shows on the photo what the four numbers cut off, and lets a finger drag the edges. The server does the cropping.

const SIDES = ['left', 'top', 'right', 'bottom'];
const MOST = 90; // percent that one side may lose

function cropper(field) {
  const marked = document.querySelector(`.marked[data-photo="${field.dataset.photo}"]`);
  if (!marked) return;
  const inputs = Object.fromEntries(SIDES.map((side) => [side, field.querySelector(`[data-side=${side}]`)]));
  const cut = (side) => Math.min(MOST, Math.max(0, Math.round(Number(inputs[side].value) || 0)));
  const box = document.createElement('div');
  box.className = 'cut-box';
  box.hidden = true;
  const frame = document.createElement('div');
  frame.className = 'cut';
  box.append(frame);
  marked.append(box);

  // While the photo is being cropped, the button is where the finger is.
  const go = field.querySelector('button[name=action]').cloneNode(true);
  go.hidden = true;
  go.classList.add('wide');
  marked.after(go);
  const begin = () => { box.hidden = false; go.hidden = false; show(); };

  const show = () => {
    for (const side of SIDES) frame.style[side] = `${cut(side)}%`;
  };
  const set = (side, percent) => {
    const other = SIDES[(SIDES.indexOf(side) + 2) % 4];
    inputs[side].value = Math.round(Math.min(MOST - cut(other), Math.max(0, percent)));
    show();
  };

  // A handle in each corner moves the two sides that meet there; for the keyboard there are the numbers.
  for (const [down, across] of [['top', 'left'], ['top', 'right'], ['bottom', 'left'], ['bottom', 'right']]) {
    const handle = document.createElement('button');
    handle.type = 'button';
    handle.tabIndex = -1;
    handle.setAttribute('aria-hidden', 'true');
    handle.style[down] = '0';
    handle.style[across] = '0';
    handle.style.transform = `translate(${across === 'left' ? '-25%' : '25%'}, ${down === 'top' ? '-25%' : '25%'})`;
    handle.addEventListener('pointerdown', (event) => { handle.setPointerCapture(event.pointerId); event.preventDefault(); });
    handle.addEventListener('pointermove', (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const around = marked.getBoundingClientRect();
      const x = 100 * (event.clientX - around.left) / around.width;
      const y = 100 * (event.clientY - around.top) / around.height;
      set(across, across === 'left' ? x : 100 - x);
      set(down, down === 'top' ? y : 100 - y);
    });
    frame.append(handle);
  }

  for (const side of SIDES) inputs[side].addEventListener('input', begin);
  const start = document.createElement('button');
  start.type = 'button';
  start.className = 'secondary';
  start.textContent = 'Crop on the photo with a finger';
  start.addEventListener('click', () => {
    if (SIDES.every((side) => cut(side) === 0)) SIDES.forEach((side) => { inputs[side].value = 10; });
    begin();
    marked.scrollIntoView({ block: 'center' });
  });
  field.querySelector('.sides').before(start);
  if (SIDES.some((side) => cut(side) > 0)) begin();
}

document.querySelectorAll('.crop').forEach(cropper);
