/** What is said in a run: the name of the sender and a number that counts up, `http-r03 17`. */
export interface Line {
  readonly sender: string;
  readonly number: number;
}

const LINE = /(?:^|\s)([a-z]+-r\d+) (\d+)$/;

export function textOf({ sender, number }: Line): string {
  return `${sender} ${number}`;
}

/** Finds the line behind whatever a network puts in front of it (`<nick> …`); null when there is none. */
export function lineIn(text: string): Line | null {
  const [, sender, number] = LINE.exec(text) ?? [];
  return sender === undefined ? null : { sender, number: Number(number) };
}

/** The way in: `one`, `two` (networks) or `http`. */
export function wayOf(sender: string): string {
  return sender.split('-', 1)[0] ?? '';
}

export function roomOf(sender: string): string {
  return sender.slice(sender.indexOf('-') + 1);
}
