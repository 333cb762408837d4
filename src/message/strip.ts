/** What is never allowed out inside text: control characters, and line breaks where a message is one line. */

// C0 except tab and LF, DEL, C1, and the two Unicode line separators that some programs take for LF.
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]/;
const ALL_CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
const LINE_BREAKS = /\r\n|[\r\u2028\u2029]/g;
const WHITE_RUNS = /[\0-\x20\x7f-\xa0\u2028\u2029]+/g;
/** Turn the reading direction of what follows: in a name they would reorder the line around it. */
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Text with `\n` as the only line break and no control character but tab. */
export function stripControls(text: string): string {
  if (!CONTROLS.test(text)) return text;
  return text.replace(LINE_BREAKS, '\n').replace(ALL_CONTROLS, '');
}

/** One line without any control character: for names, topics, reasons inside a line. */
export function oneLine(text: string): string {
  return text.replace(WHITE_RUNS, ' ').replace(DIRECTION, '').trim();
}

/** Unifies line breaks and leaves every other control character alone: for text that holds IRC codes. */
export function unifyLineBreaks(text: string): string {
  return text.replace(LINE_BREAKS, '\n');
}
