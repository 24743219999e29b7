// Handing over to an app that only people can post to: copies the words, and shares words and pictures as files
// (Web Share, level 2) where this phone can. Without it, or without scripts, the page has the zip.

const share = document.getElementById('share');
const copy = document.getElementById('copy');
const said = document.getElementById('shared');
const words = document.getElementById('text').textContent;
const pictures = [...document.querySelectorAll('img[data-share]')];

if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(words);
      said.textContent = 'The words are copied.';
    } catch {
      said.textContent = 'This phone did not let the words be copied. Hold a finger on them instead.';
    }
  });
}

if (navigator.canShare?.({ text: words, files: [new File(['?'], 'photo-1.jpg', { type: 'image/jpeg' })] })) prepare();

/** Fetch the pictures beforehand: a share sheet opens only right after a tap. */
async function prepare() {
  share.hidden = false;
  try {
    const files = await Promise.all(pictures.map(fetched));
    share.disabled = false;
    share.addEventListener('click', () => open(files));
  } catch {
    said.textContent = 'The pictures could not be fetched. With signal, open this page again, or download the zip.';
  }
}

async function fetched(picture) {
  const answer = await fetch(picture.src, { redirect: 'error' });
  if (!answer.ok || answer.headers.get('Content-Type') !== 'image/jpeg') throw new Error('no picture');
  return new File([await answer.arrayBuffer()], picture.dataset.share, { type: 'image/jpeg' });
}

async function open(files) {
  try {
    await navigator.share(files.length ? { text: words, files } : { text: words });
    said.textContent = 'Shared. Once it is posted there, say so below.';
  } catch (error) {
    said.textContent = error.name === 'AbortError' ? 'Nothing was shared.' : 'This phone could not share it. Download the zip instead.';
  }
}
