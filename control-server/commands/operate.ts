/** What operators do: each act is on record before it is answered. */
import type { Bus } from '../../src/bus/index.js';
import { newId } from '../../src/message/index.js';
import type { Answer, Call } from '../call.js';
import { type Access, type Act, type Audit, type Command, CommandError, type Scope } from '../command.js';
import { ago } from '../duration.js';
import { saidIn } from '../own-words.js';
import type { GatewayPorts } from '../ports.js';
import { done, named } from './done.js';
import { info } from './info.js';

interface Parts {
  readonly bus: Pick<Bus, 'audit'>;
  readonly access: Access;
  readonly audit: Audit;
  readonly gateway: GatewayPorts;
}

const MOST_ACTS = 50;

export function operatorCommands(parts: Parts): readonly Command[] {
  return [
    {
      info: info({
        name: 'say',
        usage: '<room> <text…>',
        help: 'Says something in a room in the name of Parley.',
        permission: 'say',
        examples: ['say quakeworld The server moves at eight.'],
      }),
      run: (call) => say(parts, call),
    },
    {
      info: info({
        name: 'announce',
        usage: '<text…>',
        help: 'Says something in every room that you may speak in so.',
        permission: 'announce',
        cooldownMs: 10_000,
      }),
      run: (call) => announce(parts, call),
    },
    {
      info: info({
        name: 'reconnect',
        usage: '<network>',
        help: 'Closes the connection to a network and opens it again.',
        permission: 'reconnect',
      }),
      run: (call) => reconnect(parts, call),
    },
    {
      info: info({ name: 'reload', help: 'All gateways load their config again.', permission: 'reload' }),
      run: (call) => reload(parts, call),
    },
    {
      info: info({
        name: 'audit',
        usage: '[number] [--by <name>] [--action <action>]',
        help: 'Shows the last privileged acts to you alone.',
        permission: 'audit',
      }),
      run: (call) => history(parts, call),
    },
  ];
}

const EVERYWHERE: Scope = { network: null, room: null };

/** What changed in a config is not for a room. */
async function reload(parts: Parts, call: Call): Promise<Answer> {
  const { lines } = await done(parts, call, {
    target: 'config',
    scope: EVERYWHERE,
    act: parts.gateway.reload,
  });
  return { lines: lines.flatMap((line) => line.split('\n')), private: true };
}

function reconnect(parts: Parts, call: Call): Promise<Answer> {
  const network = named(call.args[0], 'network');
  const act = async () => {
    await parts.gateway.operate({ network, verb: 'reconnect', body: {}, by: call.caller.name });
    return [`${network} connects anew.`];
  };
  return done(parts, call, { target: network, scope: { network, room: null }, act });
}

function say(parts: Parts, call: Call): Promise<Answer> {
  const { gateway } = parts;
  const [word] = call.args;
  const wanted = named(word, 'room').toLowerCase();
  const room = gateway.rooms().find(({ name }) => name.toLowerCase() === wanted)?.name;
  const text = call.text.slice((word ?? '').length).trim();
  if (room === undefined) throw new CommandError(`There is no room "${word}". "rooms" lists them.`);
  if (text === '') throw new CommandError('What shall I say? Write: say <room> <text>');
  const act = async () => {
    await gateway.say(saidIn(room, room, text, gateway.gateway));
    return call.caller.rooms.includes(room) ? [] : [`Said in ${room}.`];
  };
  return done(parts, call, { target: room, scope: { network: null, room }, act });
}

function announce(parts: Parts, call: Call): Promise<Answer> {
  const { gateway, access } = parts;
  const { text, caller } = call;
  if (text === '') throw new CommandError('What shall I say? Write: announce <text>');
  const rooms = gateway
    .rooms()
    .map(({ name }) => name)
    .filter((room) => access.refusal(caller, 'announce', { network: null, room }) === null);
  // With no room at all the refusal itself is the answer.
  const scope = rooms.length === 0 ? EVERYWHERE : { network: null, room: rooms[0] ?? null };
  const act = async () => {
    const origin = newId();
    await Promise.all(
      rooms.map((room) => gateway.say({ ...saidIn(room, room, text, gateway.gateway), origin })),
    );
    return [`Said in ${rooms.length} rooms.`];
  };
  return done(parts, call, { target: rooms.join(', '), scope, act });
}

async function history({ bus, access }: Parts, { args: [count], flags, caller }: Call): Promise<Answer> {
  const refusal = access.refusal(caller, 'audit', EVERYWHERE);
  if (refusal !== null) throw new CommandError(refusal);
  const wanted = count === undefined ? 10 : Number(count);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST_ACTS)
    throw new CommandError(`Write a number from 1 to ${MOST_ACTS}.`);
  const acts = (await bus.audit.list(1000)).map(({ act }) => act as Partial<Act> & { time?: string });
  const shown = acts.filter(
    ({ name, actor, action }) =>
      (flags.by === undefined || name === flags.by || actor === flags.by) &&
      (flags.action === undefined || action === flags.action),
  );
  const lines = shown.slice(-wanted).map(lineOf);
  return { lines: lines.length === 0 ? ['Nothing is on record.'] : lines, private: true };
}

function lineOf({
  time = '',
  name,
  from,
  action,
  target,
  outcome,
  detail,
}: Partial<Act> & { time?: string }): string {
  const reason = typeof detail?.reason === 'string' && detail.reason !== '' ? `: ${detail.reason}` : '';
  return `${ago(time)} ago ${name} (${from}): ${action} ${target} (${outcome}${reason})`;
}
