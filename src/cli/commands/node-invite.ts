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
  readonly leaf?: boolean;
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
    ['node invite --leaf', 'for a machine behind NAT'],
  ],
  options: [
    ['--ttl <time>', 'how long it can be used: 10m, 1h, 2d', '1h'],
    ['--leaf', 'the machine becomes a leaf: it connects outwards only, and uses the log of the others'],
  ],
  async run(io, _args, options) {
    const ttlMs = parseTtl(options.ttl);
    return withSession(io, options, async ({ ask, config }) => {
      requireNode(config);
      const body = { ttlMs, ...(options.leaf === true ? { as: 'leaf' } : {}) };
      const invitation = await ask<{ line: string; expires: string }>('invite', body, INVITE_MS);
      if (io.out.json) io.out.document(invitation);
      else {
        io.out.line(invitation.line);
        io.out.note(`Until ${invitation.expires}, on the new machine: parley node join <line>`);
      }
      return EXIT.ok;
    });
  },
};

export const nodeReplaceCommand: CommandSpec<InviteOptions> = {
  name: 'replace <old>',
  summary: 'print the line for a machine that takes the place of another one',
  details:
    'As `node invite`; the old member is removed by itself once the new one is in and the old one is away. ' +
    'The way out of three where one has died: two alone are no cluster.',
  examples: [['node replace gamma', 'then `parley node join <line>` and `parley start` on the new machine']],
  options: [['--ttl <time>', 'how long it can be used: 10m, 1h, 2d', '1h']],
  async run(io, [old = ''], options) {
    const ttlMs = parseTtl(options.ttl);
    return withSession(io, options, async ({ ask, config }) => {
      requireNode(config);
      const body = { ttlMs, replaces: old };
      const invitation = await ask<{ line: string; expires: string }>('invite', body, INVITE_MS);
      if (io.out.json) io.out.document({ ...invitation, replaces: old });
      else {
        io.out.line(invitation.line);
        io.out.note(
          `Until ${invitation.expires}, on the new machine: parley node join <line>, parley start.`,
        );
        io.out.note(`Stop ${old} for good, if it runs: it is removed when the new one is in.`);
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
