import { ParleyError } from '../../errors.js';
import { requireNode } from '../certificates.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit.js';
import { withSession } from '../session.js';

const TTL = /^([1-9]\d{0,3})(m|h|d)$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const INVITE_MS = 30_000;

interface InviteOptions {
  readonly ttl: string;
}

export const nodeInviteCommand: CommandSpec<InviteOptions> = {
  name: 'invite',
  summary: 'print one line that lets one machine join the cluster',
  details:
    'Whoever has the line can join until it is used or has expired: pass it on as you would a password. ' +
    'The first invitation makes the cluster’s CA when there is none.',
  examples: [
    ['node invite', 'good for an hour'],
    ['node invite --ttl 10m', 'for ten minutes'],
  ],
  options: [['--ttl <time>', 'how long it can be used: 10m, 1h, 2d', '1h']],
  async run(io, _args, options) {
    const ttlMs = parseTtl(options.ttl);
    return withSession(io, options, async ({ ask, config }) => {
      requireNode(config);
      const invitation = await ask<{ line: string; expires: string }>('invite', { ttlMs }, INVITE_MS);
      if (io.out.json) io.out.document(invitation);
      else {
        io.out.line(invitation.line);
        io.out.note(`Until ${invitation.expires}, on the new machine: parley node join <line>`);
      }
      return EXIT.ok;
    });
  },
};

function parseTtl(text: string): number {
  const [, count, unit] = TTL.exec(text) ?? [];
  if (unit === 'm' || unit === 'h' || unit === 'd') return Number(count) * UNIT_MS[unit];
  throw new ParleyError('USAGE', `--ttl: expected a time such as 10m, 1h or 2d, got "${text}"`);
}
