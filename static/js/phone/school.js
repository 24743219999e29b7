// What the school tells this phone: who is signed in, the trips and their pupils, and how sent updates fare.

import * as store from './store.js';

const PATIENCE = 30_000;
export const PROBLEM = /^application\/problem\+json\b/; // the school's own voice; anybody on the way can say 403

/** Nobody answered, or somebody who is not the school: no signal, a hotel's sign-in page, a server that is being mended. */
export class NoAnswer extends Error {
  constructor() { super('The school did not answer. There may be no signal.'); }
}

/** The school said no, in its own words. */
export class Refused extends Error {
  constructor(status, title, reasons) {
    super(title);
    Object.assign(this, { status, title, reasons: reasons ?? [] });
  }
}

/** Read an answer: its JSON where it is the school's and says yes. Raises Refused, NoAnswer. */
export function read(status, type, text) {
  let said;
  try { said = JSON.parse(text); } catch { throw new NoAnswer(); }
  if (PROBLEM.test(type) && said?.title) throw new Refused(status, said.title, said.reasons);
  if (status !== 200 || !/^application\/json\b/.test(type) || !said) throw new NoAnswer();
  return said;
}

/** Whether this page follows a sign-in: then what is known may be of somebody else, however fresh it is. */
export let justSignedIn = Boolean(self.document?.referrer) && new URL(document.referrer).pathname === '/staff/login';

/** Whether the last try was told to sign in first. */
export async function signedOut() { return Boolean(await store.note('signed_out')); }

/**
 * Ask the school, and keep what it says; where the last answer is younger than `older` milliseconds, take that one.
 * Returns what is known. Raises Refused (`status` 401: sign in first), NoAnswer.
 */
export async function refresh({ older = 0 } = {}) {
  const known = await store.known();
  const out = await signedOut();
  if (known && !out && !justSignedIn && Math.abs(Date.now() - known.at) < older) return known;
  asking ||= learn(out).finally(() => { asking = undefined; });
  return asking;
}

let asking; // two parts of a page that ask at once get one answer

async function learn(out) {
  try {
    const asked = Date.now();
    const said = await ask();
    if (out) await store.note('signed_out', false);
    await store.know(said, asked);
    justSignedIn = false;
  } catch (error) {
    if (error.status === 401 && !out) { await store.note('signed_out', true); store.tell({}); }
    if (error.status === 403) await store.forget(); // somebody is signed in who does not post
    throw error;
  }
  return store.known();
}

/** As `refresh`, where it does not matter whether the school answers now. Returns what is known, perhaps undefined. */
export async function refreshIfItCan(how) {
  try {
    return await refresh(how);
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
    return store.known();
  }
}

async function ask() {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), PATIENCE);
  let answer;
  let text;
  try {
    answer = await fetch('/api/phone', { redirect: 'error', cache: 'no-store', signal: stop.signal });
    text = await answer.text();
  } catch {
    throw new NoAnswer();
  } finally {
    clearTimeout(clock);
  }
  const said = read(answer.status, answer.headers.get('Content-Type') ?? '', text);
  if (!said.me?.id || !Array.isArray(said.trips)) throw new NoAnswer();
  return said;
}
