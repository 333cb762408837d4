import type { OwnersAnswer } from '../answers.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit.js';
import { withSession } from '../session.js';

const DRAIN_MS = 10_000;

export const drainCommand: CommandSpec = {
  name: 'drain',
  summary: 'let the other gateways take over all networks of this one',
  details:
    'It takes no new ones until `parley undrain` or its next start, and goes on voting, answering HTTP and keeping the log. Refused when no other gateway is there.',
  examples: [['drain', 'before work on this machine']],
  run: (io, _args, options) => withSession(io, options, ({ ask }) => change(io, ask, 'drain')),
};

export const undrainCommand: CommandSpec = {
  name: 'undrain',
  summary: 'let this gateway take networks again',
  details: 'Networks that should be here come back once it has been there steadily: see docs/operate.md.',
  examples: [['undrain', 'after the work']],
  run: (io, _args, options) => withSession(io, options, ({ ask }) => change(io, ask, 'undrain')),
};

type Change = Parameters<CommandSpec['run']>[0];
type Ask = <Answer>(verb: string, body: unknown, timeoutMs?: number) => Promise<Answer>;

async function change(io: Change, ask: Ask, verb: string): Promise<number> {
  await ask(verb, {}, DRAIN_MS);
  const { gateway, drained } = await ask<OwnersAnswer>('owners', {});
  if (io.out.json) io.out.document({ gateway, drained });
  else io.out.line(`${gateway}\t${drained ? 'drained' : 'takes networks'}`);
  return EXIT.ok;
}
