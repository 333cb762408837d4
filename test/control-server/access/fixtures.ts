import type { ExecutionContext } from 'ava';
import {
  type AccessOptions,
  type FirstOwnerCode,
  type OpenAccess,
  openAccess,
} from '../../../control-server/access/index.js';
import type { Answer, Call, Caller } from '../../../control-server/call.js';
import { type Act, CommandError } from '../../../control-server/command.js';
import type { BusAddress } from '../../../src/bus/index.js';
import type { AccessConfig } from '../../../src/config/index.js';
import { openBus } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';
import { type RecordedLine, recordingLog } from '../../peers/recording-log.js';

export type TestConfig = AccessOptions['config'];

/** quakenet and libera, each with a channel of the rooms quakeworld and news; quakenet has two of ops. */
export function configOf(access: Partial<AccessConfig> = {}): TestConfig {
  const channel = (network: string, name: string) => ({
    network,
    channel: name,
    options: {},
    direction: 'both' as const,
    filter: { ignoreNicks: [], ignoreText: [], replace: [] },
    show: null,
  });
  const room = (name: string, ...channels: ReturnType<typeof channel>[]) =>
    [name, { name, channels, show: [] }] as const;
  const networks = new Map(['quakenet', 'libera'].map((name) => [name, { bridge: 'irc' }]));
  return {
    access: { owners: [], channelOperators: null, ...access },
    networks: networks as unknown as TestConfig['networks'],
    rooms: new Map([
      room('quakeworld', channel('quakenet', '#quakeworld'), channel('libera', '#quakeworld')),
      room('news', channel('quakenet', '#news'), channel('libera', '#news')),
      room('ops', channel('quakenet', '#ops'), channel('quakenet', '#ops2')),
    ]),
  };
}

/** `zappater@quakenet` logged in, said to the bot alone. */
export function account(who: string, changes: Partial<Caller> = {}): Caller {
  const [name = '', network = ''] = who.split('@');
  return {
    author: `irc:${network}:account:${name}`,
    name,
    verified: true,
    identity: null,
    network,
    channel: null,
    rooms: [],
    person: name,
    rank: null,
    mask: null,
    ...changes,
  };
}

/** Not logged in: `zappater!user@host.example.org`. */
export function stranger(source: string, network: string, changes: Partial<Caller> = {}): Caller {
  const [name = ''] = source.split('!');
  return {
    ...account(`${name}@${network}`),
    author: `irc:${network}:host:${source}`,
    verified: false,
    ...changes,
  };
}

export const SAID_IN_PUBLIC = { channel: '#quakeworld', rooms: ['quakeworld'] };

export interface TestAccess extends OpenAccess {
  readonly codes: FirstOwnerCode[];
  readonly acts: Act[];
  readonly log: RecordedLine[];
  /** Lines of the answer; throws CommandError. */
  say(caller: Caller, text: string): Promise<readonly string[]>;
  /** What the caller is told instead of an answer. */
  refused(caller: Caller, text: string): Promise<string>;
}

/** One gateway's permissions, with `owner@quakenet` as owner of the config file unless `access` says otherwise. */
export async function gateway(
  t: ExecutionContext,
  address: BusAddress,
  access: Partial<AccessConfig> = { owners: ['owner@quakenet'] },
  options: Partial<AccessOptions> = {},
): Promise<TestAccess> {
  const codes: FirstOwnerCode[] = [];
  const acts: Act[] = [];
  const log: RecordedLine[] = [];
  const open = await openAccess({
    bus: options.bus ?? (await openBus(t, address)),
    config: configOf(access),
    log: recordingLog(log),
    audit: async (act) => void acts.push(act),
    firstOwner: (code) => codes.push(code),
    ...options,
  });
  t.teardown(() => open.stop());
  const say = async (caller: Caller, text: string) => (await run(open, caller, text)).lines;
  const refused = async (caller: Caller, text: string) => {
    const error = await t.throwsAsync(say(caller, text), { instanceOf: CommandError }, text);
    return error?.message ?? '';
  };
  return { ...open, codes, acts, log, say, refused };
}

export async function aGateway(
  t: ExecutionContext,
  access?: Partial<AccessConfig>,
  options?: Partial<AccessOptions>,
): Promise<TestAccess> {
  return gateway(t, (await startNats(t)).address, access, options);
}

async function run(access: OpenAccess, caller: Caller, text: string): Promise<Answer> {
  const call = callOf(caller, text);
  const command = access.commands.find(({ info }) => info.name === call.command);
  if (command === undefined) throw new Error(`no command ${call.command}`);
  return command.run(call);
}

/** As the front will: flags take the next word, but `--hostmask`, which ends the line. */
function callOf(caller: Caller, text: string): Call {
  const [command = '', ...words] = text.split(' ');
  const args: string[] = [];
  const flags: Record<string, string | true> = {};
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.startsWith('--')) flags[word.slice(2)] = words.shift() ?? true;
    else args.push(word);
  }
  return { id: '', command, args, flags, text: '', caller, time: new Date().toISOString() };
}
