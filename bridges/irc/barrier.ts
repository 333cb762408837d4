/**
 * When to ask the server whether it has read what we wrote.
 *
 * Problem: IRC does not acknowledge a message. Idea: a server handles the lines of one client in order, so the PONG to a
 * PING proves that every line written before it was handled; a refusal comes before that PONG. At most one PING is
 * under way; its PONG answers for everything before it, however much that was.
 *
 * Cost: networks count a PING against us like any line, so PINGs must stay few where lines are few. There is a bucket
 * of them: a few at once, then one per `confirmGap`; lines that find it empty wait, and share the next one. Three cases
 * pay no heed to it. A server without flood limit counts nothing, and there a slow answer would only cost duplicates
 * after a crash. Lines that come fast (`BUSY_LINES` within `BUSY_MS`) come that fast only to a server that bears
 * it. And a PING for `MANY_LINES` lines adds next to nothing to them.
 *
 * Safe because only order is used: PING travels in the same queue as the lines. It cannot tell that other servers of
 * the network got the line, nor which of several lines to one channel a refusal meant (confirm.ts says what then).
 */
import { Bucket } from './bucket.js';
import { lost } from './faults.js';
import type { Session } from './session.js';

const BURST = 5;
const BUSY_LINES = 8;
const BUSY_MS = 4000;
const MANY_LINES = 64;
/** A server that makes us wait for our flood may take long, but not for ever. */
const PATIENCE_INTERVALS = 4;

interface Question {
  readonly token: string;
  /** The last line that was queued before it. */
  readonly upTo: number;
  readonly giveUp: () => void;
}

export class Barrier {
  readonly #session: Session;
  readonly #patient: () => boolean;
  readonly #passed: (sequence: number) => void;
  readonly #bucket: Bucket;
  /** When each of the latest lines was queued, by its number modulo `BUSY_LINES`. */
  readonly #recentMs: number[] = new Array(BUSY_LINES).fill(Number.NEGATIVE_INFINITY);
  #latest = 0;
  #answered = 0;
  #asked: Question | null = null;
  #waiting: (() => void) | null = null;
  #considering = false;
  #count = 0;

  /**
   * `patient`: echoes confirm most lines, so nothing is asked before one gap has passed. `passed`: the server has
   * handled every line up to this one.
   */
  constructor(session: Session, patient: () => boolean, passed: (sequence: number) => void) {
    this.#session = session;
    this.#patient = patient;
    this.#passed = passed;
    const unlimited = session.network.flood.burst === Number.POSITIVE_INFINITY;
    this.#bucket = new Bucket(BURST, unlimited ? 0 : session.config.confirmGap);
    session.on('PONG', ({ params }) => this.#answer(params));
  }

  /** Line number `sequence` is about to be queued for the socket. */
  queued(sequence: number): void {
    this.#latest = sequence;
    this.#recentMs[sequence % BUSY_LINES] = performance.now();
    if (this.#considering) return;
    this.#considering = true;
    // Just before the socket's turn to write, so that the PING leaves in the same write as the lines of this turn.
    setImmediate(() => this.#consider());
  }

  /** Asks now: something was refused, and its line waits for the verdict. */
  hurry(): void {
    if (this.#asked === null && this.#latest !== this.#answered) this.#ask();
  }

  #consider(): void {
    this.#considering = false;
    if (this.#asked !== null || this.#latest === this.#answered) return;
    this.#bucket.refill();
    if (this.#mayAsk()) this.#ask();
    else this.#wait();
  }

  #mayAsk(): boolean {
    if (this.#patient()) return false;
    return this.#bucket.tokens >= 1 || this.#busy() || this.#latest - this.#answered >= MANY_LINES;
  }

  /** The slot after the latest line's holds the time of the line `BUSY_LINES - 1` before it. */
  #busy(): boolean {
    return performance.now() - (this.#recentMs[(this.#latest + 1) % BUSY_LINES] ?? 0) < BUSY_MS;
  }

  #wait(): void {
    const waitMs = this.#patient() ? this.#bucket.gapMs : this.#bucket.nextMs;
    this.#waiting ??= this.#session.after(Math.ceil(waitMs), () => {
      this.#waiting = null;
      this.hurry();
    });
  }

  #ask(): void {
    this.#waiting?.();
    this.#waiting = null;
    this.#bucket.take();
    this.#count += 1;
    const token = `parley-${this.#count}`;
    const giveUp = this.#session.after(PATIENCE_INTERVALS * this.#session.config.pingInterval, () =>
      this.#session.fail(lost('the server does not answer PING')),
    );
    this.#asked = { token, upTo: this.#latest, giveUp };
    this.#session.send(`PING :${token}`);
  }

  #answer(params: readonly string[]): void {
    if (this.#asked === null || !params.includes(this.#asked.token)) return;
    const { upTo, giveUp } = this.#asked;
    giveUp();
    this.#asked = null;
    this.#answered = upTo;
    this.#passed(upTo);
    this.#consider();
  }
}
