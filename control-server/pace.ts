/** How often one person may call: a flood of commands costs the others nothing, as all but a few are dropped unread. */

const BURST = 5;
const PER_SECOND = 0.5;
/** People remembered; whoever is forgotten begins with a full measure. */
const PEOPLE = 10_000;

interface Measure {
  left: number;
  atMs: number;
  warned: boolean;
}

/** `first-refusal`: worth a word to them; `refused`: said already. */
export type Pace = 'ok' | 'first-refusal' | 'refused';

export class Paces {
  readonly #people = new Map<string, Measure>();
  readonly #burst: number;
  readonly #perSecond: number;

  constructor(burst = BURST, perSecond = PER_SECOND) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  /** `nowMs`: of a steady clock. */
  take(person: string, nowMs: number): Pace {
    const measure = this.#measureOf(person, nowMs);
    const refilled = ((nowMs - measure.atMs) / 1000) * this.#perSecond;
    measure.left = Math.min(this.#burst, measure.left + refilled);
    measure.atMs = nowMs;
    if (measure.left >= 1) {
      measure.left -= 1;
      measure.warned = false;
      return 'ok';
    }
    const pace = measure.warned ? 'refused' : 'first-refusal';
    measure.warned = true;
    return pace;
  }

  #measureOf(person: string, nowMs: number): Measure {
    const known = this.#people.get(person);
    // Put at the end again: the first ones are those who have been quiet longest.
    this.#people.delete(person);
    const measure = known ?? { left: this.#burst, atMs: nowMs, warned: false };
    this.#people.set(person, measure);
    const [oldest] = this.#people.size > PEOPLE ? this.#people.keys() : [];
    if (oldest !== undefined) this.#people.delete(oldest);
    return measure;
  }
}
