// Passkeys: sign in, add one, sign an approval. The browser does the work; the school asks and checks.
// Where it cannot, nothing is shown, and the page's plain forms remain.

const can = 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
const LATER = 'That did not reach the school. Try again when there is signal.';
const NOT_USED = 'The passkey was not used. Try again';

class Told extends Error {}

/** Ask the school; throws Told with a sentence for the person. */
async function ask(address, body, token) {
  const form = body instanceof FormData;
  const headers = { 'X-CSRF-Token': token, Accept: 'application/json', ...(form ? {} : { 'Content-Type': 'application/json' }) };
  const answer = await fetch(address, { method: 'POST', headers, body: form ? body : JSON.stringify(body), redirect: 'error' }).catch(() => { throw new Told(LATER); });
  const said = await answer.json().catch(() => { throw new Told(LATER); });
  if (!answer.ok) throw new Told([said.title, ...(said.reasons ?? [])].filter(Boolean).join(' '));
  return said;
}

const token = () => document.querySelector('meta[name=csrf-token]')?.content ?? '';
const use = async (options) => (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON();
const make = async (options) => (await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON();

/** Show what went wrong beside the button; what the browser says of a cancelled passkey means nothing to anybody. */
function tell(box, error, otherwise) {
  const place = box.querySelector('[role=alert]');
  const had = error.name === 'InvalidStateError' ? 'This phone or computer has a passkey of yours already.' : otherwise;
  place.replaceChildren(Object.assign(document.createElement('p'), { textContent: error instanceof Told ? error.message : had }));
  place.hidden = false;
}

/** Run one thing at a time, with the button off meanwhile. */
async function busy(button, box, otherwise, work) {
  if (button.disabled) return;
  button.disabled = true;
  box.querySelector('[role=alert]').hidden = true;
  try {
    await work();
  } catch (error) {
    tell(box, error, otherwise);
    button.disabled = false;
  }
}

function signIn(box) {
  const button = box.querySelector('button');
  box.hidden = false;
  button.addEventListener('click', () => busy(button, box, `${NOT_USED}, or use your password.`, async () => {
    const assertion = await use(await ask('/api/passkeys/sign-in/options', {}, box.dataset.token));
    const trusted = document.querySelector('[name=trusted]').checked;
    location.assign((await ask(`/api/passkeys/sign-in${location.search}`, { assertion, trusted }, box.dataset.token)).next);
  }));
}

function add(box) {
  const button = box.querySelector('button');
  const password = box.querySelector('[data-password]');
  let once = location.hash.slice(1); // from the sign-in just now; it stands for the password, once
  history.replaceState(null, '', location.pathname + location.search);
  password.hidden = Boolean(once);
  box.hidden = false;
  button.addEventListener('click', () => busy(button, box, `${NOT_USED}.`, async () => {
    const proof = once ? { once } : { password: password.querySelector('input').value };
    once = '';
    password.hidden = false;
    const credential = await make(await ask('/api/passkeys/options', proof, token()));
    const to = `/api/passkeys?next=${encodeURIComponent(box.dataset.next)}`;
    location.assign((await ask(to, { credential, name: box.querySelector('[name=name]').value }, token())).next);
  }));
}

function sign(box) {
  const form = box.closest('form');
  const password = box.querySelector('[data-password]');
  const field = password?.querySelector('input');
  let done = false;
  if (password) password.hidden = true;
  form.addEventListener('submit', (event) => {
    if (done || (password && !password.hidden && field.value)) return;
    event.preventDefault();
    const button = event.submitter ?? form.querySelector('button');
    const otherwise = 'orPassword' in box.dataset ? `${NOT_USED}, or type your password.` : `${NOT_USED}.`;
    busy(button, box, otherwise, async () => {
      try {
        const answer = await use(await ask(box.dataset.sign, new FormData(form), token()));
        form.querySelector('[name=assertion]').value = JSON.stringify(answer);
      } catch (error) {
        if (password && !(error instanceof Told)) password.hidden = false;
        throw error;
      }
      done = true;
      button.disabled = false;
      form.requestSubmit(button);
    });
  });
}

for (const [name, start] of [['[data-passkey-sign-in]', signIn], ['[data-passkey-add]', add], ['[data-sign]', sign]]) {
  const box = document.querySelector(name);
  if (box && can) start(box);
}
if (!can) document.querySelectorAll('[data-no-passkey]').forEach((each) => { each.hidden = false; });
