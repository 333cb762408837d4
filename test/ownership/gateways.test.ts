import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Gateway, startGateway } from '../../src/gateway/index.js';
import type { Ownership } from '../../src/ownership/index.js';
import { loaderOf } from '../gateway/loading.js';
import { type IrcServer, ircClient, startNgircd, temporaryDirectory, until } from '../peers/index.js';
import { type NatsPeer, startNats } from '../peers/nats.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';

const LONG_MS = 30_000;
const VOTERS = 'owners: { voters: [alpha, beta, gamma] }';

interface Site {
  readonly nats: NatsPeer;
  readonly irc: IrcServer;
  start(name: string, more: string, nick?: string): Promise<Running>;
}

interface Running {
  readonly gateway: Gateway;
  readonly lines: readonly RecordedLine[];
  /** Changes the text of its config. */
  rewrite(change: (text: string) => string): Promise<void>;
}

/** Gateways of this process on one nats-server, with the networks `one` and `two` on one IRC server. */
async function startSite(t: ExecutionContext): Promise<Site> {
  const [nats, irc] = await Promise.all([startNats(t), startNgircd(t)]);
  const directory = await temporaryDirectory(t, 'gateways');
  let count = 0;
  return {
    nats,
    irc,
    start: async (name, more, nick = name) => {
      count += 1;
      const source = join(directory, `${count}.yaml`);
      const text = configOf(name, more, nick, nats, irc);
      await writeFile(source, text);
      const load = loaderOf(directory, source);
      const lines: RecordedLine[] = [];
      const gateway = await startGateway({
        loaded: await load(),
        load,
        log: recordingLog(lines),
        version: '0.0.0',
      });
      t.teardown(() => gateway.stop());
      return { gateway, lines, rewrite: (change) => writeFile(source, change(text)) };
    },
  };
}

function configOf(name: string, more: string, nick: string, nats: NatsPeer, irc: IrcServer): string {
  const network = `bridge: irc, host: 127.0.0.1, port: ${irc.port}, tls: false, flood: off`;
  return `backbone: { name: ${name}, servers: ["${nats.address.servers[0]}"] }
http: { listen: "127.0.0.1:auto" }
spool: off
${more}
networks:
  one: { ${network}, nick: ${nick}1 }
  two: { ${network}, nick: ${nick}2 }
rooms:
  lobby: { channels: [ { one: "#a" }, { two: "#b" } ] }
`;
}

async function ownersOf({ bus, name }: Gateway): Promise<readonly Ownership[]> {
  const answer = await bus.request<{ owners: readonly Ownership[] }>(['gateway', name, 'owners'], {}, 5000);
  return answer.owners;
}

/** Resolves once the gateway says that the network is connected, here or at its owner, and names the owner. */
async function settled({ gateway }: Running, network: string, owner?: string): Promise<string> {
  return until(
    async () => {
      const one = (await ownersOf(gateway)).find((each) => each.network === network);
      return one?.owner !== null && (owner === undefined || one?.owner === owner) ? one?.owner : null;
    },
    { what: `an owner of ${network}`, deadlineMs: LONG_MS, everyMs: 50 },
  );
}

function stateOf({ gateway }: Running, network: string): string | undefined {
  return gateway.networks().find((one) => one.network === network)?.state;
}

test.serial(
  'owners - a network is moved by hand, drained away, and asked for at its owner through any gateway',
  async (t) => {
    const site = await startSite(t);
    const all = await Promise.all(['alpha', 'beta', 'gamma'].map((name) => site.start(name, VOTERS)));
    const [alpha, beta] = all;
    if (alpha === undefined || beta === undefined) return t.fail();
    for (const network of ['one', 'two']) await settled(alpha, network);

    const { bus } = beta.gateway;
    await bus.request(['gateway', 'beta', 'move'], { network: 'one', to: 'alpha' }, 10_000);
    await settled(beta, 'one', 'alpha');
    await until(() => stateOf(alpha, 'one') === 'connected', { what: 'alpha on one', deadlineMs: LONG_MS });
    t.is(stateOf(beta, 'one'), 'standby');
    t.is(beta.gateway.networks().find(({ network }) => network === 'one')?.reason, 'owner: alpha');
    const view = await fetch(`${beta.gateway.http}/readyz`);
    t.is(view.status, 200);

    // Only the owner can look into its queue: its own answer comes back.
    const asked = bus.request(['gateway', 'beta', 'replay'], { network: 'one', sequence: 99 }, 10_000);
    t.is((await t.throwsAsync(asked))?.message, 'one: no dead letter 99');
    const nowhere = bus.request(['gateway', 'beta', 'move'], { network: 'one', to: 'delta' }, 10_000);
    t.regex((await t.throwsAsync(nowhere))?.message ?? '', /no gateway "delta" is there to take one/);

    await bus.request(['gateway', 'alpha', 'drain'], {}, 10_000);
    t.is(stateOf(alpha, 'one'), 'standby');
    const next = await settled(beta, 'one');
    t.not(next, 'alpha');
    t.regex(alpha.gateway.networks()[0]?.reason ?? '', /this gateway is drained/);
    await bus.request(['gateway', 'alpha', 'undrain'], {}, 10_000);
    await bus.request(['gateway', next, 'move'], { network: 'one', to: 'alpha' }, 10_000);
    await settled(beta, 'one', 'alpha');
  },
);

test.serial('owners - a channel joined by command is where the owner is, whoever that becomes', async (t) => {
  const site = await startSite(t);
  const all = await Promise.all(['alpha', 'beta', 'gamma'].map((name) => site.start(name, VOTERS)));
  const [alpha] = all;
  if (alpha === undefined) return t.fail();
  const owner = await settled(alpha, 'one');
  const elsewhere = all.find(({ gateway }) => gateway.name !== owner)?.gateway ?? alpha.gateway;
  const carol = await ircClient(t, site.irc, { nick: 'carol' });
  await carol.join('#c');
  await until(() => all.some((each) => stateOf(each, 'one') === 'connected'), { what: 'the owner on one' });
  const ask = <Answer>(verb: string, body: object) =>
    elsewhere.bus.request<Answer>(['network', 'one', verb], body, 30_000);
  t.like(await ask('join', { channel: '#c', room: 'lobby' }), { state: 'joined', reason: null });
  await carol.waitFor(new RegExp(`${owner}1\\S* JOIN`));
  await ask('mute', { channel: '#a' });
  const { to } = await ask<{ to: string }>('drain', {});
  t.true(['alpha', 'beta', 'gamma'].includes(to) && to !== owner);
  await settled(alpha, 'one', to);
  await carol.waitFor(new RegExp(`${to}1\\S* JOIN`), LONG_MS);
  for (const { gateway } of all) {
    await until(() => gateway.config.rooms.get('lobby')?.channels.length === 3, { what: 'the channel' });
  }
  t.like(await ask('status', {}), { owner: to, byCommand: ['#c'], muted: { '#a': null } });
});

test.serial('owners - the last gateway cannot be drained', async (t) => {
  const site = await startSite(t);
  const { gateway } = await site.start('alpha', '');
  const drained = gateway.bus.request(['gateway', 'alpha', 'drain'], {}, 10_000);
  t.regex((await t.throwsAsync(drained))?.message ?? '', /no other gateway is there to take the networks/);
  t.deepEqual(
    (await ownersOf(gateway)).map(({ owner }) => owner),
    ['alpha', 'alpha'],
  );
});

test.serial('owners - a second gateway of the same name owns nothing and says so', async (t) => {
  const site = await startSite(t);
  const first = await site.start('alpha', '');
  await until(() => stateOf(first, 'one') === 'connected', { what: 'the first', deadlineMs: LONG_MS });
  const second = await site.start('alpha', '', 'other');
  for (const network of ['one', 'two']) t.is(stateOf(second, network), 'standby');
  t.regex(second.gateway.networks()[0]?.reason ?? '', /another gateway named "alpha" runs already: stop one/);
  t.true(second.lines.some(({ message }) => message === 'this gateway may own no network'));
  t.true(second.lines.every(({ message }) => message !== 'network connected'));
  t.is(stateOf(first, 'one'), 'connected');
});

test.serial('owners - a gateway that is not among the voters owns nothing and says so', async (t) => {
  const site = await startSite(t);
  const delta = await site.start('delta', VOTERS);
  t.is(stateOf(delta, 'one'), 'standby');
  t.regex(delta.gateway.networks()[0]?.reason ?? '', /"delta" is not in owners.voters/);
  t.is((await fetch(`${delta.gateway.http}/readyz`)).status, 503);
});

test.serial('owners - a network that the config no longer has is left for good', async (t) => {
  const site = await startSite(t);
  const { gateway, lines, rewrite } = await site.start('alpha', '');
  const connections = () => lines.filter(({ message }) => message === 'network connected').length;
  await until(() => connections() === 2, { what: 'both networks', deadlineMs: LONG_MS });
  await rewrite((text) => text.replace(/^ {2}two: .*\n/m, '').replace(', { two: "#b" }', ''));
  await gateway.reload();
  t.deepEqual(
    (await ownersOf(gateway)).map(({ network, owner }) => `${network} ${owner}`),
    ['one alpha'],
  );
  t.is(lines.filter(({ message }) => message === 'owns a network').length, 2);
  t.is(connections(), 2);
});
