/** Members that agree over a real wire, with their stores on a real disk; no machines behind them. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Bus, BusAddress } from '../../src/bus/index.js';
import { setAside } from '../../src/cluster/aside.js';
import { Membership } from '../../src/cluster/membership.js';
import type { Answer } from '../../src/cluster/pact.js';
import { ParleyError } from '../../src/errors.js';
import { type LogFields, silentLogger } from '../../src/log.js';
import { type ClusterState, filesOf, writeClusterFile } from '../../src/node/index.js';
import { openBus } from '../bus/fixtures.js';
import { temporaryDirectory, until } from '../peers/index.js';
import { startNats } from '../peers/nats.js';

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];
const ASK_MS = 10_000;

function memberOf(name: string) {
  return { name, route: `${name}.example.org:6222`, client: `${name}.example.org:4222` };
}

const FIRST: Omit<ClusterState, 'self'> = {
  version: 1,
  mode: 'cluster',
  cluster: 'parley',
  members: NAMES.map(memberOf),
};

interface Present {
  readonly name: string;
  readonly store: string;
  readonly errors: { readonly message: string; readonly fields: LogFields }[];
  readonly bus: Bus;
  /** As after a restart: with what is on disk. */
  begin(): Promise<Membership>;
  state(): ClusterState;
}

async function present(t: ExecutionContext, address: BusAddress, name: string): Promise<Present> {
  const bus = await openBus(t, address);
  const store = await temporaryDirectory(t, name);
  const errors: Present['errors'] = [];
  let cluster: ClusterState = { ...FIRST, self: name };
  const apply = async (state: ClusterState): Promise<void> => {
    await writeClusterFile(filesOf(store).cluster, state);
    cluster = state;
  };
  const node = {
    get cluster() {
      return cluster;
    },
    apply,
  };
  const log = {
    ...silentLogger,
    error: (message: string, fields: LogFields = {}) => void errors.push({ message, fields }),
  };
  const begin = async (): Promise<Membership> => {
    const files = filesOf(store);
    const membership = new Membership({
      bus,
      node,
      files,
      name,
      log,
      formed: async () => {},
      removed: () => {},
    });
    t.teardown(() => membership.stop());
    await bus.ping();
    return membership;
  };
  return { name, store, errors, bus, begin, state: () => cluster };
}

function namesOf({ members }: ClusterState): string {
  return members.map(({ name }) => name).join(' ');
}

async function all(t: ExecutionContext, names = NAMES) {
  const { address } = await startNats(t);
  const members = await Promise.all(names.map((name) => present(t, address, name)));
  const memberships = await Promise.all(members.map(({ begin }) => begin()));
  return { address, members, memberships };
}

async function agreed(members: readonly Present[], revision: number, names: string): Promise<void> {
  await until(
    () => members.every(({ state }) => state().revision === revision && namesOf(state()) === names),
    { what: `revision ${revision}, ${names}, at all` },
  );
}

/** As a member that does no more than this. */
async function asks(bus: Bus, to: readonly string[], count: number, list: ClusterState | null) {
  const question = { cluster: 'parley', revision: 1, ballot: { count, by: 'delta 1' }, list };
  return Promise.all(
    to.map((name) => bus.request<Answer<ClusterState>>(['gateway', name, 'ballot'], question, ASK_MS)),
  );
}

const waiting = (name: string) => (members: ClusterState['members']) => [
  ...members,
  { ...memberOf(name), pending: true as const },
];

test('membership - two that change the list at once both get their way, one after the other', async (t) => {
  const { members, memberships } = await all(t);
  const [alpha, beta] = memberships;
  await Promise.all([alpha?.change(waiting('epsilon')), beta?.change(waiting('zeta'))]);
  await until(() => members.every(({ state }) => state().revision === 2), { what: 'both changes' });
  t.is(new Set(members.map(({ state }) => namesOf(state()))).size, 1);
  for (const { name } of [...FIRST.members, { name: 'epsilon' }, { name: 'zeta' }])
    t.true(namesOf(members[0]?.state() ?? { ...FIRST, self: '' }).includes(name), name);
});

test('membership - what a majority accepted is carried on by the next change, though all were restarted and who began it is gone', async (t) => {
  const { address, members, memberships } = await all(t, NAMES.slice(0, 3));
  const delta = await openBus(t, address);
  const without = { ...FIRST, revision: 1, self: 'alpha', members: FIRST.members.slice(0, 3) };
  await asks(delta, ['alpha', 'beta', 'gamma'], 1, null);
  t.true((await asks(delta, ['alpha', 'beta', 'gamma'], 1, without)).every(({ ok }) => ok));
  await Promise.all(memberships.map((each) => each.stop()));
  const [alpha] = await Promise.all(members.map(({ begin }) => begin()));
  const made = await alpha?.change(waiting('epsilon'));
  t.is(made?.revision, 2);
  await agreed(members, 2, 'alpha beta gamma epsilon');
});

test('membership - a change that is begun is not begun again', async (t) => {
  const { address, members, memberships } = await all(t, NAMES.slice(0, 3));
  const without = { ...FIRST, revision: 1, self: 'alpha', members: FIRST.members.slice(0, 3) };
  await asks(await openBus(t, address), ['beta', 'gamma'], 1, without);
  const made = await memberships[0]?.change((each) => each.filter(({ name }) => name !== 'delta'));
  t.is(made?.revision, 1);
  await agreed(members, 1, 'alpha beta gamma');
});

test('membership - without a majority nothing is changed, and the error says who did not agree', async (t) => {
  const { members, memberships } = await all(t, NAMES.slice(0, 2));
  const error = await t.throwsAsync(memberships[0]?.change(waiting('epsilon')) ?? Promise.resolve(), {
    instanceOf: ParleyError,
  });
  t.is(error?.code, 'CLUSTER_INVALID');
  t.regex(error?.message ?? '', /2 of 4 members agree.*gamma is away, or of an older version/s);
  for (const { state } of members) t.is(namesOf(state()), NAMES.join(' '));
});

test('membership - a member of a version before ballots is refused and told why', async (t) => {
  const { address } = await all(t, NAMES.slice(0, 1));
  const bus = await openBus(t, address);
  const next = { ...FIRST, revision: 1, self: 'alpha', members: FIRST.members.slice(0, 3) };
  const answer = await bus.request<{ refused: string }>(['gateway', 'alpha', 'agree'], next, ASK_MS);
  t.regex(answer.refused, /alpha runs a newer version: upgrade this node/);
});

test('membership - who is several revisions behind takes the last list', async (t) => {
  const { address, members, memberships } = await all(t, NAMES.slice(0, 3));
  for (const name of ['epsilon', 'zeta']) await memberships[0]?.change(waiting(name));
  const late = await present(t, address, 'delta');
  await late.begin();
  await agreed([...members, late], 2, 'alpha beta gamma delta epsilon zeta');
  t.deepEqual(late.errors, []);
});

test('membership - nothing is agreed to that cannot be written', async (t) => {
  const { members } = await all(t, NAMES.slice(0, 1));
  const [alpha] = members;
  if (alpha === undefined) return t.fail();
  await asks(alpha.bus, ['alpha'], 1, null);
  t.regex(await readFile(join(alpha.store, 'pact.json'), 'utf8'), /"count":1/);
  await rm(alpha.store, { recursive: true });
  await t.throwsAsync(asks(alpha.bus, ['alpha'], 2, null));
  await mkdir(alpha.store);
  t.true((await asks(alpha.bus, ['alpha'], 2, null))[0]?.ok);
});

test('membership - a store that leaves its cluster forgets what it agreed to there', async (t) => {
  const { members } = await all(t, NAMES.slice(0, 1));
  const [alpha] = members;
  if (alpha === undefined) return t.fail();
  await asks(alpha.bus, ['alpha'], 1, null);
  const aside = await setAside(alpha.store);
  await t.throwsAsync(readFile(join(alpha.store, 'pact.json')), { code: 'ENOENT' });
  t.regex(await readFile(join(aside, 'pact.json'), 'utf8'), /"revision":1/);
});

test('membership - two lists of one revision are an error that says what to do', async (t) => {
  const { address, members } = await all(t, NAMES.slice(0, 1));
  const other = { ...FIRST, self: 'beta', members: FIRST.members.slice(0, 3) };
  (await openBus(t, address)).tell(['node', 'members'], other);
  await until(() => members.some(({ errors }) => errors.length > 0), { what: 'the error' });
  const [error] = members[0]?.errors ?? [];
  t.like(error, {
    message: 'another member has another list of members of the same revision',
    fields: { of: 'beta' },
  });
});
