// Asks the school about the words while they are being written. Where there is no signal it says so, once and quietly.

import { make } from './dom.js';

const REST = 800; // after the last key
const PATIENCE = 15_000;
const LOOKS = { stop: 'problem', ask: 'ask', note: 'note' };
const UNCHECKED = 'The words are checked when there is signal.';

/** Watch the words: `read` gives {text, x_text, alts}, or null once they are gone; `show` gets (findings, '') or ([], why they were not checked). Returns what to call on every key. */
export function watchWords(slug, read, show) {
  let timer;
  let asking;
  const ask = async () => {
    const words = read();
    asking?.abort();
    if (!words) return;
    if (!words.text && !words.x_text && !words.alts.some(Boolean)) { show([], ''); return; }
    asking = new AbortController();
    const { signal } = asking;
    const late = setTimeout(() => { if (!signal.aborted) show([], UNCHECKED); asking?.abort(); }, PATIENCE);
    try {
      const answer = await post(slug, words, signal);
      if (!signal.aborted) show(...answer);
    } catch (error) {
      if (!signal.aborted) show([], UNCHECKED); // no signal, or something else than the school answered
    } finally {
      clearTimeout(late);
    }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(ask, REST); };
  addEventListener('online', soon);
  return soon;
}

async function post(slug, words, signal) {
  const answer = await fetch(`/api/trips/${encodeURIComponent(slug)}/check`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(words), redirect: 'error', signal,
  });
  if (answer.status === 401) return [[], 'The words are checked once you are signed in.'];
  const said = answer.ok && answer.headers.get('Content-Type')?.startsWith('application/json') ? await answer.json() : {};
  return Array.isArray(said.findings) ? [said.findings, ''] : [[], UNCHECKED];
}

/** The findings of one passage, to read beside it. The same words found twice are told once. */
export function remarks(findings, where) {
  const here = new Map();
  for (const found of findings.filter((each) => each.where === where)) {
    const alike = `${found.code} ${found.excerpt}`;
    here.set(alike, [...here.get(alike) ?? [], found]);
  }
  return [...here.values()].map((same) => {
    const [found] = same;
    const times = same.length > 1 ? ` (${same.length} times)` : '';
    return make('div', { class: LOOKS[found.severity] ?? 'note' },
      make('p', {}, make('strong', {}, `“${found.excerpt}”`), `${times}: ${found.message}`),
      make('p', { class: 'muted' }, found.clause));
  });
}
