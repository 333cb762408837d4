import type { LoggedEvent } from '../../bus/index.js';

/** One event of a stream, encoded once for all its readers, in each form only when a reader wants it. */
export class Frame {
  readonly sequence: number;
  readonly id: string;
  /** It belongs before frames that were passed on already. */
  readonly isLate: boolean;
  readonly #logged: LoggedEvent;
  #json: string | null = null;
  #socket: Buffer | null = null;
  #sse: Buffer | null = null;

  constructor(logged: LoggedEvent) {
    this.sequence = logged.sequence;
    this.id = logged.event.id;
    this.isLate = logged.late === true;
    this.#logged = logged;
  }

  /** CloudEvent JSON with the `sequence` extension attribute, in one line. */
  get json(): string {
    this.#json ??= encodeLogged(this.#logged);
    return this.#json;
  }

  get socket(): Buffer {
    this.#socket ??= Buffer.from(this.json);
    return this.#socket;
  }

  get sse(): Buffer {
    // JSON has no raw line breaks; the type comes from anywhere and might.
    const type = this.#logged.event.type.replace(/[\r\n\0]/g, ' ');
    // Without an id, a late one leaves the reader's place where it is.
    const place = this.isLate ? '' : `id: ${cursorOf(this.sequence, this.id)}\n`;
    this.#sse ??= Buffer.from(`${place}event: ${type}\ndata: ${this.json}\n\n`);
    return this.#sse;
  }

  /** About what it holds in memory. */
  get sizeBytes(): number {
    return 256 + this.json.length * 4;
  }
}

/** A place in the log that can be told from one in an odd copy of it (docs/decisions/0008). */
export function cursorOf(sequence: number, id: string): string {
  return `${sequence}.${id}`;
}

/** The event as the API gives it out. */
export function encodeLogged({ event, sequence }: LoggedEvent): string {
  // Appended to the text: copying the event to add one member would cost as much as encoding it.
  return `${JSON.stringify(event).slice(0, -1)},"sequence":"${sequence}"}`;
}
