/** Command lines, put together so that the grammar (docs/control.md) reads each word as the one that was meant. */

/** One word of a command line, whatever is in it. */
export function quoted(word: string): string {
  return `"${oneLine(word).replace(/[\\"]/g, '\\$&')}"`;
}

/** The rest of a line. The grammar takes it as it is, but for line breaks. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
