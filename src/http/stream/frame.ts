import type { LoggedEvent } from '../../bus/index.js';

/** One event of a stream, encoded once for all its readers, in each form only when a reader wants it. */
export class Frame {
  readonly sequence: number;
  readonly #logged: LoggedEvent;
  #json: string | null = null;
  #socket: Buffer | null = null;
  #sse: Buffer | null = null;

  constructor(logged: LoggedEvent) {
    this.sequence = logged.sequence;
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
    this.#sse ??= Buffer.from(`id: ${this.sequence}\nevent: ${type}\ndata: ${this.json}\n\n`);
    return this.#sse;
  }

  /** About what it holds in memory. */
  get sizeBytes(): number {
    return 256 + this.json.length * 4;
  }
}

/** The event as the API gives it out. */
export function encodeLogged({ event, sequence }: LoggedEvent): string {
  // Appended to the text: copying the event to add one member would cost as much as encoding it.
  return `${JSON.stringify(event).slice(0, -1)},"sequence":"${sequence}"}`;
}
