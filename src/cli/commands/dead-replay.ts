import { reasonOf } from '../../errors.js';
import { CHOICE_OPTIONS, chooseLetters, type Letter, type LetterChoice } from '../choose-letters.js';
import type { CommandSpec, Io } from '../command.js';
import { EXIT } from '../exit.js';
import { type Session, withSession } from '../session.js';

const REPLAY_MS = 15_000;

interface Replayed {
  readonly sequence: number;
  readonly network: string;
  /** Null: the network has it again. */
  readonly error: string | null;
}

export const deadReplayCommand: CommandSpec<LetterChoice> = {
  name: 'replay [numbers...]',
  summary: 'give dead letters to their network once more',
  details:
    'Only the network that would not take a message gets it again. One that fails again stays a dead letter.',
  examples: [
    ['dead replay 17 18', 'these two'],
    ['dead replay --network quakenet', 'all of one network, oldest first'],
  ],
  options: CHOICE_OPTIONS,
  async run(io, numbers, options) {
    return withSession(io, options, async (session) => {
      const replayed: Replayed[] = [];
      // One after the other: the order in which they were said.
      for (const letter of await chooseLetters(session.bus, numbers, options)) {
        replayed.push(await replay(session, letter));
      }
      show(io, replayed);
      return replayed.every(({ error }) => error === null) ? EXIT.ok : EXIT.failed;
    });
  },
};

async function replay({ ask }: Session, { sequence, network }: Letter): Promise<Replayed> {
  try {
    await ask('replay', { network, sequence }, REPLAY_MS);
    return { sequence, network, error: null };
  } catch (error) {
    return { sequence, network, error: reasonOf(error) };
  }
}

function show({ out }: Io, replayed: readonly Replayed[]): void {
  if (out.json) out.document({ replayed });
  else if (replayed.length === 0) out.note('No dead letters.');
  else {
    out.table(
      ['NUMBER', 'NETWORK', 'RESULT'],
      replayed.map(({ sequence, network, error }) => [sequence, network, error ?? 'replayed']),
    );
  }
}
