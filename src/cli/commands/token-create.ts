import type { Scope } from '../../config/index.js';
import { ParleyError } from '../../errors.js';
import type { TokenRecord } from '../../http/index.js';
import type { CommandSpec } from '../command.js';
import { withSession } from '../session.js';

interface CreateOptions {
  readonly scope: string;
}

export const tokenCreateCommand: CommandSpec<CreateOptions> = {
  name: 'create <name>',
  summary: 'make a token for the HTTP API and print it, once',
  details:
    'Only its hash is stored. Scopes: read, write, status, config, admin, read:{room}, write:{room}, config:{document}.',
  examples: [
    ['token create portal', 'may read and write every room'],
    ['token create scores --scope write:quakeworld', 'may only speak in one room'],
    ['token create ops --scope read,status > ops.token', 'kept in a file'],
  ],
  options: [['-s, --scope <list>', 'what it may do, separated by commas', 'read,write']],
  async run(io, [name = ''], options) {
    const { createToken } = await import('../../http/index.js');
    const scopes = options.scope.split(',').map((scope) => scope.trim()) as Scope[];
    return withSession(io, options, async ({ bus }) => {
      const tokens = await bus.bucket<TokenRecord>('TOKENS');
      if ((await tokens.get(name)) !== null) throw inUse(name);
      const { token, record } = createToken(name, scopes);
      await tokens.put(name, record);
      if (io.out.json) io.out.document({ name, scopes, created: record.created, token });
      else io.out.line(token);
      io.out.note(`Token "${name}" (${scopes.join(', ')}). It is not shown again.`);
      return 0;
    });
  },
};

function inUse(name: string): ParleyError {
  return new ParleyError('TOKEN_INVALID', `There is a token "${name}" already.`, {
    fix: `Take another name, or \`parley token revoke ${name}\` first.`,
  });
}
