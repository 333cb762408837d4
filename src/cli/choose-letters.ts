import type { Bus, DeadLetter } from '../bus/index.js';
import { ParleyError } from '../errors.js';

export type Letter = DeadLetter & { readonly sequence: number };

export interface LetterChoice {
  readonly all?: boolean;
  readonly network?: string;
}

export const CHOICE_OPTIONS = [
  ['--all', 'every dead letter'],
  ['--network <name>', 'every dead letter of this network'],
] as const;

const MOST = 10_000;

/** The letters that numbers, `--network` or `--all` name, oldest first. Throws USAGE, or NOT_FOUND for a number. */
export async function chooseLetters(
  bus: Bus,
  numbers: readonly string[],
  choice: LetterChoice,
): Promise<readonly Letter[]> {
  const byNumber = numbers.length > 0;
  const byName = choice.all === true || choice.network !== undefined;
  if (byNumber === byName) {
    throw new ParleyError('USAGE', 'Name dead letters by number, or give --network or --all.', {
      fix: 'See the numbers with `parley dead list`.',
    });
  }
  return byNumber ? numbered(bus, numbers.map(sequenceOf)) : bus.dead.list(choice.network ?? null, MOST);
}

async function numbered(bus: Bus, sequences: readonly number[]): Promise<readonly Letter[]> {
  const letters = await Promise.all(sequences.map((sequence) => bus.dead.get(sequence)));
  return letters.map((letter, index) => {
    const sequence = sequences[index] ?? 0;
    if (letter !== null) return { ...letter, sequence };
    throw new ParleyError('NOT_FOUND', `There is no dead letter ${sequence}.`, {
      fix: 'See the numbers with `parley dead list`.',
    });
  });
}

function sequenceOf(text: string): number {
  const sequence = Number(text);
  if (Number.isSafeInteger(sequence) && sequence > 0) return sequence;
  throw new ParleyError('USAGE', `Expected the number of a dead letter, got "${text}".`, {
    fix: 'See the numbers with `parley dead list`.',
  });
}
