import type { TokenRecord } from '../../http/index.js';
import type { CommandSpec } from '../command.js';
import { withSession } from '../session.js';

export const tokenListCommand: CommandSpec = {
  name: 'list',
  summary: 'list the tokens of the HTTP API',
  details: 'Those made by `token create`, and those that the config declares.',
  examples: [['token list', 'names, scopes, and since when']],
  async run(io, _args, options) {
    return withSession(io, options, async ({ config, bus }) => {
      const made = [...(await (await bus.bucket<TokenRecord>('TOKENS')).entries()).values()];
      const declared = (config.http?.tokens ?? []).map((token) => ({ ...token, created: 'in the config' }));
      const tokens = [...made, ...declared].map(({ name, scopes, created }) => ({ name, scopes, created }));
      if (io.out.json) io.out.document({ tokens });
      else if (tokens.length === 0) io.out.note('No tokens.');
      else {
        io.out.table(
          ['NAME', 'SCOPES', 'CREATED'],
          tokens.map(({ name, scopes, created }) => [name, scopes.join(','), created]),
        );
      }
      return 0;
    });
  },
};
