import { ParleyError } from '../../errors.js';
import type { TokenRecord } from '../../http/index.js';
import type { CommandSpec } from '../command.js';
import { withSession } from '../session.js';

export const tokenRevokeCommand: CommandSpec = {
  name: 'revoke <name>',
  summary: 'make a token worthless at once',
  examples: [['token revoke portal', 'on every node']],
  async run(io, [name = ''], options) {
    return withSession(io, options, async ({ config, bus }) => {
      const tokens = await bus.bucket<TokenRecord>('TOKENS');
      if ((await tokens.get(name)) === null) {
        const declared = config.http?.tokens.some((token) => token.name === name) ?? false;
        throw new ParleyError(
          'NOT_FOUND',
          `There is no token "${name}"${declared ? ' but in the config' : ''}.`,
          {
            fix: declared
              ? 'Remove it from `http.tokens` and reload.'
              : 'See the names with `parley token list`.',
          },
        );
      }
      await tokens.delete(name);
      if (io.out.json) io.out.document({ revoked: name });
      else io.out.note(`Revoked "${name}".`);
      return 0;
    });
  },
};
