// "On your phone" on the page How I am told: push for this browser, on and off. E-mail works without any of it.

const TIMEOUT = 20_000; // some browsers never answer where their push service cannot be reached

const place = document.querySelector('#push');
const button = place.querySelector('button');
const name = place.querySelector('.field');
const said = place.querySelector('[role=status]');
const key = document.querySelector('meta[name=push-key]').content;
const token = document.querySelector('meta[name=csrf-token]').content;

/** Bytes of base64url. */
function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0));
}

/** What `promise` gives, or a TimeoutError where it takes too long. */
function inTime(promise) {
  let clock;
  const late = new Promise((_, reject) => {
    clock = setTimeout(() => reject(new DOMException('no answer', 'TimeoutError')), TIMEOUT);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(clock));
}

/** A name that its owner knows the phone by; they may write another. */
function guess() {
  const { userAgent } = navigator;
  const kind = [['iPhone', 'My iPhone'], ['iPad', 'My iPad'], ['Android', 'My Android phone'], ['Windows', 'My Windows computer'], ['Macintosh', 'My Mac']];
  return kind.find(([word]) => userAgent.includes(word))?.[1] ?? 'My computer';
}

const WHY = {
  NotAllowedError: 'This browser does not allow messages from here. Allow notifications for this site in its settings, and try again. E-mail still reaches you.',
  TimeoutError: 'This browser did not answer. It may not reach its push service from here: try again where there is better signal. E-mail still reaches you.',
  AbortError: 'This browser could not reach its push service. Try again later. E-mail still reaches you.',
};

function why(error) { return WHY[error.name] ?? `This browser could not turn it on (${error.name}). E-mail still reaches you.`; }

async function ready() {
  await navigator.serviceWorker.register('/sw.js', { type: 'module', scope: '/' });
  return inTime(navigator.serviceWorker.ready);
}

async function subscribe() {
  if (await Notification.requestPermission() !== 'granted') throw new DOMException('refused', 'NotAllowedError');
  const worker = await ready();
  const there = await worker.pushManager.getSubscription();
  if (there && !same(there.options.applicationServerKey)) await there.unsubscribe(); // it was made with another key of the school
  return inTime(worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }));
}

function same(buffer) {
  const [ours, theirs] = [bytes(key), new Uint8Array(buffer ?? [])];
  return ours.length === theirs.length && ours.every((each, at) => each === theirs[at]);
}

async function turnOn() {
  button.disabled = true;
  said.textContent = 'Asking this browser…';
  try {
    const { endpoint, keys } = (await subscribe()).toJSON();
    const called = name.querySelector('input').value.trim() || guess();
    const answer = await fetch(place.dataset.add, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token },
      body: JSON.stringify({ name: called, endpoint, keys }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const told = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {};
    if (answer.ok && told.id) location.reload();
    else said.textContent = told.title ?? 'The school could not keep that. Open this page again and try once more.';
  } catch (error) {
    said.textContent = why(error);
  }
  button.disabled = false;
}

const apple = /iPhone|iPad|iPod/.test(navigator.userAgent);
if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) {
  said.textContent = apple
    ? 'On an iPhone this works from the home screen only: Share, then Add to Home Screen, and open it from there.'
    : 'This browser takes no push messages (a private window does not). E-mail still reaches you.';
} else {
  name.querySelector('input').value = guess();
  name.hidden = button.hidden = false;
  button.addEventListener('click', turnOn);
}
