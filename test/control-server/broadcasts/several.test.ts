/** What holds over gateways and restarts. */
import test, { type ExecutionContext } from 'ava';
import { openBus, until } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';
import {
  ALL_MAY,
  type Clock,
  configOf,
  type Gateway,
  MINUTE,
  NOBODY_MAY,
  NOON,
  nick,
  openGateway,
} from './stage.js';

const LISTS = `  lists:
    qw: { commands: [".qw"], hear: [quakeworld, duel] }
    spam: { commands: [".spam"] }
`;
const OP = { rank: 'operator' } as const;
const AT_DUEL = { network: 'undernet', channel: '#duel', rooms: ['duel'] };

async function two(t: ExecutionContext) {
  const config = await configOf(t, LISTS);
  const clock: Clock = { now: NOON };
  const { address } = await startNats(t);
  const open = (gateway: string, access = ALL_MAY) =>
    openGateway(t, { address, clock, config: () => config, gateway, access });
  return { clock, open, alpha: await open('alpha'), beta: await open('beta') };
}

function saidBy({ lists }: Gateway, list = 'qw'): number {
  return lists.counts().get(list)?.said ?? 0;
}

test('gateways - a call on one holds up the next on the other', async (t) => {
  const { clock, alpha, beta } = await two(t);
  t.deepEqual(await alpha.told('.qw 4on4, two more needed'), []);
  await until('beta knows', () => saidBy(beta) === 1);
  clock.now += 10_000;
  t.is((await beta.told('.qw duel?', nick('bob', AT_DUEL)))[0], 'qw was just called: again in 20 sec.');
  clock.now += 10 * MINUTE;
  t.regex(
    (await beta.told('.qw 4on4 two more needed', nick('bob', AT_DUEL)))[0] ?? '',
    /^That was said 11 min ago/,
  );
});

test('gateways - at the same moment each may say one, and no more', async (t) => {
  const { alpha, beta } = await two(t);
  const calls = [alpha, beta].flatMap((gateway, which) =>
    Array.from({ length: 20 }, (_, i) =>
      gateway.told(`.qw call ${'abcdefghijklmnopqrst'[i]}${i} of ${which}`, nick(`n${which}${i}`)),
    ),
  );
  const said = (await Promise.all(calls)).filter((lines) => lines.length === 0).length;
  t.true(said >= 1 && said <= 2, String(said));
  await until('both know of all', () => saidBy(alpha) === said && saidBy(beta) === said);
});

test('gateways - one learns of the other’s call within a fraction of a second', async (t) => {
  const { clock, alpha, beta } = await two(t);
  const delays: number[] = [];
  for (let i = 1; i <= 20; i += 1) {
    const started = performance.now();
    await alpha.told(`.qw ${'abcdefghijklmnopqrst'[i - 1]?.repeat(3)}${i} anybody`, nick(`n${i}`));
    await until('beta knows', () => saidBy(beta) === i);
    delays.push(performance.now() - started);
    clock.now += 10 * MINUTE;
  }
  const sorted = delays.toSorted((a, b) => a - b);
  t.log(`ms until the other gateway knew: p50 ${sorted[10]?.toFixed(1)}, longest ${sorted[19]?.toFixed(1)}`);
  t.is(saidBy(beta), 20);
});

test('gateways - warnings on two of them add up to one mute, which both keep to', async (t) => {
  const { alpha, beta } = await two(t);
  await alpha.told('.qw 4on4');
  await until('beta knows', () => saidBy(beta) === 1);
  t.is((await alpha.told('.qw duel?'))[1], 'Warning 1 of 3.');
  await until('beta knows the first', async () => (await beta.told('.qw duel?'))[1] !== 'Warning 1 of 3.');
  await until(
    'it is a mute',
    async () => (await beta.told('.qw duel?'))[0]?.startsWith('You are muted') === true,
  );
  await until(
    'alpha knows',
    async () => (await alpha.told('.qw duel?'))[0]?.startsWith('You are muted') === true,
  );
  t.pass();
});

test('gateways - after a restart cooldowns, mutes and counters are as before', async (t) => {
  const { clock, open, alpha } = await two(t);
  await alpha.told('.qw 4on4');
  for (let i = 0; i < 3; i += 1) await alpha.told('.qw duel?');
  const before = alpha.lists.counts();
  await alpha.lists.stop();
  clock.now += MINUTE;
  const again = await open('alpha');
  t.deepEqual(again.lists.counts(), before);
  t.deepEqual(await again.told('.qw duel?'), ['You are muted from broadcasts: call again in 9 min.']);
  t.is((await again.told('.qw ctf?', nick('bob', { channel: '#quakeworld' }))).length, 0);
});

test('gateways - a channel whose operator opts it out neither hears nor calls, on any gateway, for good', async (t) => {
  const { open, alpha, beta, clock } = await two(t);
  const { lines } = await beta.command('broadcast optout qw', { ...OP, ...AT_DUEL });
  t.deepEqual(lines, ['#duel no longer hears qw. Undo: broadcast optin qw']);
  await until('alpha leaves it out', async () => {
    clock.now += 40 * MINUTE;
    await alpha.told('.qw 4on4');
    return alpha.said.at(-1)?.data.notIn?.[0] === '/networks/undernet/channels/=23duel';
  });
  t.is(alpha.said.at(-2)?.data.notIn, undefined);
  const gamma = await open('gamma');
  t.regex(
    (await gamma.told('.qw duel?', nick('bob', AT_DUEL)))[0] ?? '',
    /^This channel has opted out of qw/,
  );
  await gamma.command('broadcast optin qw', { ...OP, ...AT_DUEL });
  clock.now += 40 * MINUTE;
  t.deepEqual(await gamma.told('.qw duel?', nick('bob', AT_DUEL)), []);
  t.deepEqual(
    beta.acts.map(({ action, target, outcome }) => ({ action, target, outcome })),
    [{ action: 'broadcast optout', target: 'qw in undernet #duel', outcome: 'done' }],
  );
});

test('gateways - a list is paused and resumed on all of them', async (t) => {
  const { clock, alpha, beta } = await two(t);
  const state = async () => (await beta.command('broadcasts')).lines.join('\n');
  t.deepEqual((await alpha.command('broadcast pause qw 30m')).lines, ['qw is paused for 30 min.']);
  await until('beta knows', async () => (await state()).includes('paused for 30 min'));
  t.deepEqual(await beta.told('.qw 4on4'), ['qw is paused: call again in 30 min.']);
  clock.now += 30 * MINUTE;
  t.deepEqual(await beta.told('.qw 4on4'), []);
  await alpha.command('broadcast pause spam');
  await until('beta knows', async () => (await state()).includes('; paused'));
  t.deepEqual(await beta.told('.spam x'), ['spam is paused until an operator resumes it: ask one.']);
  await beta.command('broadcast resume spam');
  t.deepEqual(await beta.told('.spam x'), []);
});

test('gateways - a pardon on one ends the mute on the other', async (t) => {
  const { clock, alpha, beta } = await two(t);
  await alpha.told('.qw 4on4');
  await until('beta knows of the call', () => saidBy(beta) === 1);
  for (let i = 0; i < 3; i += 1) await alpha.told('.qw duel?');
  await until(
    'beta knows',
    async () => (await beta.told('.qw duel?'))[0]?.startsWith('You are muted') === true,
  );
  clock.now += 1;
  t.deepEqual((await beta.command('broadcast pardon ZAPPATER')).lines, ['Forgiven: zappater.']);
  await until('alpha forgives', async () => !(await alpha.told('.qw'))[0]?.startsWith('You are muted'));
  clock.now += 6 * MINUTE;
  t.deepEqual(await alpha.told('.qw duel?'), []);
});

test('gateways - the overview has the counters of all', async (t) => {
  const { alpha, beta } = await two(t);
  await alpha.told('.qw 4on4');
  await until('beta knows', () => saidBy(beta) === 1);
  for (let i = 0; i < 3; i += 1) await beta.told('.qw duel?');
  await until('alpha knows', () => alpha.lists.counts().get('qw')?.called === 4);
  const { lines } = await alpha.command('broadcasts', nick('bob'));
  t.deepEqual(lines, [
    'qw (.qw): Called 4, said 1, refused 3 (person 3)',
    'spam (.spam): Called 0, said 0, refused 0',
    'Muted: zappater for 10 min',
  ]);
});

test('gateways - without rank or permission nothing is changed, and the attempt is on record', async (t) => {
  const { open } = await two(t);
  const gamma = await open('gamma', NOBODY_MAY);
  for (const text of [
    'broadcast optout qw',
    'broadcast optin qw',
    'broadcast pause qw',
    'broadcast resume qw',
    'broadcast pardon zappater',
    'broadcast optout qw --network undernet --channel #duel',
  ]) {
    await t.throwsAsync(
      gamma.command(text),
      { name: 'CommandError', message: 'You may not: ask an owner.' },
      text,
    );
  }
  await t.throwsAsync(gamma.command('broadcast optout qw --network undernet --channel #duel', OP), {
    message: 'You may not: ask an owner.',
  });
  t.is(gamma.acts.filter(({ outcome }) => outcome === 'refused').length, 7);
  await t.throwsAsync(gamma.command('broadcast'), { message: /^What is to be done\?/ });
});

test('gateways - an entry that somebody else wrote wrong is passed over', async (t) => {
  const config = await configOf(t, LISTS);
  const clock: Clock = { now: NOON };
  const server = await startNats(t);
  const bucket = await (await openBus(t, server.address)).bucket<unknown>('BROADCASTS');
  await bucket.put('list/qw/beta', { said: 'everything' });
  await bucket.put('people/beta', [{ person: 1 }]);
  await bucket.put('nonsense', 1);
  const alpha = await openGateway(t, { address: server.address, clock, config: () => config });
  t.deepEqual(await alpha.told('.qw 4on4'), []);
});
