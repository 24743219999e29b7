// About as X counts: an address is 23, letters beyond Latin and emoji are 2. The server counts exactly.

export const X_LIMIT = 280;

/** How long a text is for X, about. */
export function weigh(text) {
  const bare = text.normalize('NFC').replace(/https?:\/\/\S+/g, 'x'.repeat(23));
  const graphemes = 'Segmenter' in Intl ? [...new Intl.Segmenter('en').segment(bare)].map((part) => part.segment) : [...bare];
  const light = (point) => point <= 0x10ff || (point >= 0x2000 && point <= 0x200d) || (point >= 0x2010 && point <= 0x201f) || (point >= 0x2032 && point <= 0x2037);
  return graphemes.reduce((sum, one) => sum + (/\p{Extended_Pictographic}/u.test(one) ? 2 : [...one].reduce((n, letter) => n + (light(letter.codePointAt(0)) ? 1 : 2), 0)), 0);
}

/** What stands beside the text for X: [sentence, whether it is too long]. */
export function counted(text) {
  const used = weigh(text.trim());
  const over = used - X_LIMIT;
  return over > 0 ? [`X: about ${over} too many. Write shorter words for X.`, true] : [`X: about ${used} of ${X_LIMIT}`, false];
}
