import { type Command, CommandError } from '../../command.js';
import type { FirstOwner } from '../first-owner.js';
import { shown } from '../subject.js';
import { infoOf } from './info.js';

/** Not `privateOnly`: it must hear of a code that was said in a channel. */
export function claimCommand(firstOwner: FirstOwner): Command {
  return {
    info: infoOf({
      name: 'claim',
      usage: '<code>',
      help: 'Makes you the first owner, by the code that the gateway shows at its start. Say it to the bot alone.',
      examples: ['claim 7XK2-9QFM-3TBV-D8HN'],
      hidden: true,
    }),
    run: async ({ caller, args }) => {
      if (args.length === 0)
        throw new CommandError('Say it with the code that the gateway shows: "claim <code>".');
      const { subject, id } = await firstOwner.claim(caller, args.join(''));
      return {
        lines: [
          `You, ${shown(subject)}, are owner now (grant ${id}). Make others with "grant <account@network> <role>".`,
        ],
        private: true,
      };
    },
  };
}
