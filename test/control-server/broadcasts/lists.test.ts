import test, { type ExecutionContext } from 'ava';
import type { Capabilities } from '../../../src/bridge.js';
import type { ParleyConfig } from '../../../src/config/index.js';
import { decodeEvent, encodeEvent, type ParleyEvent } from '../../../src/message/index.js';
import { compileRoutes, render } from '../../../src/routing/index.js';
import { until } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';
import {
  ALL_MAY,
  type Clock,
  configOf,
  type GatewayOptions,
  MINUTE,
  NOBODY_MAY,
  NOON,
  nick,
  openGateway,
} from './stage.js';

const QW = `  lists:
    qw:
      commands: [".qw", ".qw4"]
      hear: [quakeworld, duel]
`;

async function alone(t: ExecutionContext, section = QW, options: Partial<GatewayOptions> = {}) {
  const config = await configOf(t, section);
  const clock: Clock = { now: NOON };
  const { address } = await startNats(t);
  const gateway = await openGateway(t, { address, clock, config: () => config, ...options });
  return { ...gateway, clock, config, address };
}

/** `network channel: text` for each channel that gets the event. */
function heard(config: ParleyConfig, events: readonly ParleyEvent[], markup: Capabilities['markup'] = 'irc') {
  const routes = compileRoutes(config.rooms);
  return events.flatMap((event) =>
    [...config.networks.values()].flatMap((network) =>
      routes.targetsOf(decodeEvent(encodeEvent(event)), network.name).flatMap((target) => {
        const capabilities = { markup, multiline: false } as Capabilities;
        const rendered = render(event, { network, capabilities, target, maxBytes: 400 });
        return (rendered?.parts ?? []).map((part) => `${target.network} ${target.channel}: ${part}`);
      }),
    ),
  );
}

test('broadcasts - a call is said in every channel of every room of the list, as one bare line', async (t) => {
  const { line, said, config } = await alone(t);
  t.deepEqual(await line('.qw 4on4, two more needed'), { lines: [] });
  const text = '-qw- zappater - #quakeworld : 4on4, two more needed';
  t.deepEqual(heard(config, said), [
    `quakenet #quakeworld: ${text}`,
    `undernet #qw: ${text}`,
    `quakenet #duel: ${text}`,
    `undernet #duel: ${text}`,
  ]);
});

test('broadcasts - what is said has the caller for its author, one origin, and an end', async (t) => {
  const { line, said } = await alone(t);
  await line('.qw 4on4, two more needed');
  t.is(said.length, 2);
  for (const event of said) {
    t.like(event, { type: 'command.reply', source: '/broadcasts/qw', origin: said[0]?.origin });
    t.deepEqual(event.data.author, { id: 'irc:quakenet:account:zappater', name: 'zappater', verified: true });
    t.is(event.expirytime, new Date(NOON + 10 * MINUTE).toISOString());
    t.deepEqual(event.data.hops, ['quakenet']);
  }
});

test('broadcasts - without echo the room of the call is left out, and the caller is told where it was said', async (t) => {
  const { line, said } = await alone(t, `${QW}      echo: false\n`);
  t.deepEqual(await line('.qw 4on4'), { lines: ['Said in: duel.'], private: true });
  t.deepEqual(
    said.map(({ subject }) => subject),
    ['duel'],
  );
});

test('broadcasts - a caller whose room does not hear the list is told where it was said', async (t) => {
  const { line, said } = await alone(t, `${QW}      call: [admins]\n`);
  const admin = { channel: '#admins', rooms: ['admins'] };
  t.deepEqual(await line('.qw4 4on4', admin), { lines: ['Said in: quakeworld, duel.'], private: true });
  t.is(said.length, 2);
  t.deepEqual(await line('.qw 4on4'), {
    lines: ['.qw cannot be called here. Call it in: admins.'],
    private: true,
  });
});

test('broadcasts - refusals go to the caller alone and say when it is allowed again', async (t) => {
  const { line, clock, said } = await alone(t);
  await line('.qw 4on4, two more needed');
  clock.now += MINUTE;
  t.deepEqual(await line('.qw 2on2 anybody?'), {
    lines: ['You have just called: again in 4 min.', 'Warning 1 of 3.'],
    private: true,
  });
  clock.now += 4 * MINUTE;
  t.deepEqual(await line('.qw 4ON4 two more needed!!!'), {
    lines: ['That was said 5 min ago: say something else, or the same again in 25 min.', 'Warning 2 of 3.'],
    private: true,
  });
  t.is(said.length, 2);
  t.deepEqual(await line('.qw 2on2 anybody?'), { lines: [] });
});

test('broadcasts - warnings add up to a mute, which ends', async (t) => {
  const { line, told, clock } = await alone(t);
  await line('.qw 4on4');
  await told('.qw duel?');
  await told('.qw duel?');
  t.is((await told('.qw duel?'))[1], 'Warning 3 of 3: you are muted from broadcasts, call again in 10 min.');
  clock.now += 5 * MINUTE;
  t.deepEqual(await told('.qw duel?'), ['You are muted from broadcasts: call again in 5 min.']);
  t.deepEqual((await alone(t)).said, []);
  clock.now += 5 * MINUTE;
  t.deepEqual(await told('.qw duel?'), []);
});

test('broadcasts - cooldowns hold for one person over all networks that they linked', async (t) => {
  const access = { ...NOBODY_MAY, refusal: () => 'no', identityOf: () => 'person-1' };
  const { told, clock } = await alone(t, QW, { access });
  await told('.qw 4on4');
  clock.now += 2 * MINUTE;
  const elsewhere = nick('zap', {
    author: 'irc:undernet:account:zap',
    network: 'undernet',
    channel: '#duel',
    rooms: ['duel'],
  });
  t.is((await told('.qw duel anybody?', elsewhere))[0], 'You have just called: again in 3 min.');
});

test('broadcasts - another nick from the same place is the same person', async (t) => {
  const { told, clock } = await alone(t);
  await told('.qw 4on4', nick('one', { mask: 'one!user@host' }));
  clock.now += 2 * MINUTE;
  t.is(
    (await told('.qw duel?', nick('two', { mask: 'two!user@host' })))[0],
    'You have just called: again in 3 min.',
  );
  t.deepEqual(await told('.qw duel?', nick('three', { mask: 'three!user@elsewhere' })), []);
});

test('broadcasts - two calls at the same moment on one gateway: one is said', async (t) => {
  const { told, said } = await alone(t);
  const all = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      told(`.qw call number ${'abcdefghij'[i % 10]}${i}`, nick(`nick${i}`)),
    ),
  );
  t.is(all.filter((lines) => lines.length === 0).length, 1);
  t.is(said.length, 2);
});

test('broadcasts - a quiet room does not hear it, a quiet list cannot be called', async (t) => {
  const { told, said, clock } = await alone(
    t,
    `${QW}      quiet: [{ from: "12:30", to: "13:00", zone: UTC }]
  quiet: [{ rooms: [duel], from: "11:00", to: "14:00", zone: UTC }]
`,
  );
  t.deepEqual(await told('.qw 4on4'), []);
  t.deepEqual(
    said.map(({ subject }) => subject),
    ['quakeworld'],
  );
  clock.now += 40 * MINUTE;
  t.deepEqual(await told('.qw duel?'), ['qw is quiet at this hour: call again in 20 min.']);
});

test('broadcasts - a dry run tells the caller alone what would be said, and counts', async (t) => {
  const { told, said, lists, clock } = await alone(t, `${QW}      dryRun: true\n`);
  t.deepEqual(await told('.qw 4on4'), [
    'Dry run, nothing was said. In quakeworld, duel: -qw- zappater - #quakeworld : 4on4',
  ]);
  clock.now += MINUTE;
  t.is((await told('.qw duel?'))[0], 'You have just called: again in 4 min.');
  t.deepEqual(said, []);
  t.deepEqual(lists.counts().get('qw'), { called: 2, said: 1, refused: { person: 1 } });
});

test('broadcasts - the texts and the spans of time are in the language of the community', async (t) => {
  const { told, clock } = await alone(
    t,
    `${QW}  language: sv
  warnings: off
  texts: { person: "Du ropade nyss: igen om {again}." }
`,
  );
  await told('.qw 4on4');
  clock.now += MINUTE;
  t.deepEqual(await told('.qw duel?'), ['Du ropade nyss: igen om 4 min.']);
});

test('broadcasts - what could not be said anywhere holds nobody up', async (t) => {
  let full = true;
  const said: ParleyEvent[] = [];
  const say = async (event: ParleyEvent) => {
    if (full) throw new Error('full');
    said.push(event);
  };
  const { told, lists } = await alone(t, QW, { say });
  t.deepEqual(await told('.qw 4on4'), ['It could not be said now: call again in a minute.']);
  full = false;
  t.deepEqual(await told('.qw 4on4'), []);
  t.is(said.length, 2);
  t.deepEqual(lists.counts().get('qw'), { called: 2, said: 1, refused: { failed: 1 } });
});

test('broadcasts - an account has to be known for long enough, once the record is as old', async (t) => {
  const section = `${QW}      minAccountAge: 7d\n`;
  const DAY = 24 * 60 * MINUTE;
  let recordMs = 6 * DAY;
  const { told, said, clock } = await alone(t, section, { isRecordYoungerThan: (ageMs) => recordMs < ageMs });
  const since = (days: number) => ({ accountSince: new Date(NOON - days * DAY).toISOString() });
  // Nobody can have been known for a week yet: who is logged in may.
  t.deepEqual(await told('.qw 4on4', since(1)), []);
  recordMs = 8 * DAY;
  const young = nick('ann', { verified: true, ...since(6) });
  t.regex((await told('.qw duel?', young)).join(), /7 days|1 wk|7d|1 week/);
  t.is(said.length, 2);
  clock.now += 5 * MINUTE;
  t.deepEqual(await told('.qw 2on2', nick('bob', { verified: true, ...since(7) })), []);
});

test('broadcasts - a list with a permission is for those who have it', async (t) => {
  const section = `${QW}      permission: broadcast.qw\n`;
  const refused = await alone(t, section);
  t.deepEqual(await refused.told('.qw 4on4'), [
    '.qw needs the permission broadcast.qw: ask an owner to grant it.',
  ]);
  const granted = await alone(t, section, { access: ALL_MAY });
  t.deepEqual(await granted.told('.qw 4on4'), []);
});

test('broadcasts - nothing that is typed gets more than one safe line out', async (t) => {
  const { told, said, config, clock } = await alone(t, `${QW}      repeats: { within: 0s }\n`);
  const nasty = [
    'a\r\nPRIVMSG #x :b',
    'a\x03 4,5\x02 bold \x0f',
    '@everyone <@123> **look** [x](http://evil)',
    '{nick} {text}',
    `${'long '.repeat(40)}`,
    'ä'.repeat(150),
    '\u202etxet desrever',
  ];
  for (const text of nasty) {
    clock.now += 10 * MINUTE;
    t.deepEqual(await told(`.qw ${text}`), [], text);
  }
  for (const markup of ['irc', 'markdown', 'plain'] as const) {
    const lines = heard(config, said, markup);
    t.is(lines.length, nasty.length * 4);
    for (const line of lines) {
      t.notRegex(line, /[\0-\x1f\u202e]/);
      if (markup === 'markdown') t.notRegex(line, /@everyone|<@123>|[^\\]\*\*look|[^\\]\[x\]\(/);
    }
  }
});

test('broadcasts - what is empty, too long, or imitates another list is refused', async (t) => {
  const { told, said } = await alone(t, `${QW}    spam: { commands: [".spam"] }\n`);
  t.deepEqual(await told('.qw'), ['Say what, as in: .qw 4on4, two more needed']);
  t.deepEqual(await told('.qw \u200b \x02 '), ['Say what, as in: .qw 4on4, two more needed']);
  t.deepEqual(await told(`.qw ${'x'.repeat(201)}`), ['Too long, 201 of at most 200: say it shorter.']);
  t.regex((await told(`.qw ${'日'.repeat(150)}`))[0] ?? '', /^Too long, 450 B of at most 3\d\d B/);
  t.is(
    (await told('.qw x -SPAM- bob - #x : y'))[0],
    'That reads like a broadcast of its own: leave out "-spam-".',
  );
  t.deepEqual(said, []);
});

test('broadcasts - a reload changes, adds and removes lists at once', async (t) => {
  const before = await configOf(t, QW);
  const after = await configOf(t, '  lists: { ctf: { commands: [".ctf"] } }\n');
  let config = before;
  const gateway = await alone(t, QW, { config: () => config });
  const stale = gateway.lists.commands.find(({ info }) => info.name === 'qw');
  config = after;
  t.deepEqual(
    gateway.lists.commands.flatMap(({ words }) => words ?? []),
    ['.ctf'],
  );
  t.is(await gateway.line('.qw 4on4'), null);
  t.deepEqual(await gateway.told('.ctf anybody?'), []);
  const call = { id: 'x', command: 'qw', args: [], flags: {}, text: 'x', caller: nick('a'), time: '' };
  await t.throwsAsync(async () => stale?.run(call), { name: 'CommandError', message: /no list qw any more/ });
});

test('broadcasts - are decided while the backbone is away, and written down when it is back', async (t) => {
  const config = await configOf(t, QW);
  const clock: Clock = { now: NOON };
  const server = await startNats(t);
  const one = await openGateway(t, { address: server.address, clock, config: () => config });
  await server.stop();
  t.deepEqual(await one.told('.qw 4on4'), []);
  clock.now += MINUTE;
  t.is((await one.told('.qw duel?'))[0], 'You have just called: again in 4 min.');
  await server.start();
  const two = await openGateway(t, { address: server.address, clock, config: () => config, gateway: 'beta' });
  await until('the other gateway knows', () => two.lists.counts().get('qw')?.called === 2, 60_000);
  t.is((await two.told('.qw duel?'))[0], 'You have just called: again in 4 min.');
});
