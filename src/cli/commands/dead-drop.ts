import { CHOICE_OPTIONS, chooseLetters, type LetterChoice } from '../choose-letters.js';
import type { CommandSpec } from '../command.js';
import { withSession } from '../session.js';

export const deadDropCommand: CommandSpec<LetterChoice> = {
  name: 'drop [numbers...]',
  summary: 'delete dead letters for good',
  examples: [
    ['dead drop 17', 'this one'],
    ['dead drop --all', 'every one'],
  ],
  options: CHOICE_OPTIONS,
  async run(io, numbers, options) {
    return withSession(io, options, async ({ bus }) => {
      const letters = await chooseLetters(bus, numbers, options);
      let dropped = 0;
      for (const { sequence } of letters) if (await bus.dead.drop(sequence)) dropped += 1;
      if (io.out.json) io.out.document({ dropped });
      else io.out.note(`Dropped ${dropped} of ${letters.length}.`);
      return 0;
    });
  },
};
