import type { Command } from '../../command.js';
import type { Linking } from '../linking.js';
import { accountNamed, type Networks, shown } from '../subject.js';
import { infoOf } from './info.js';

export function unlinkCommand(linking: Linking, networks: () => Networks): Command {
  return {
    info: infoOf({
      name: 'unlink',
      usage: '[account@network]',
      help: 'Takes this account, or another one of yours, out of those that are linked.',
      examples: ['unlink', 'unlink zappater@quakenet'],
    }),
    run: async ({ caller, args: [who] }) => {
      const author = who === undefined ? caller.author : accountNamed(who, networks());
      await linking.unlink(caller, author);
      const whose = author === caller.author ? 'your' : 'the';
      return {
        lines: [
          `${shown(author)} stands alone now, with what was granted to it; ${whose} other accounts stay linked.`,
        ],
        private: true,
      };
    },
  };
}
