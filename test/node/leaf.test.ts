import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readBackup, takeBackup } from '../../src/backup/index.js';
import { openMover } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { filesOf, type Node, readNodeAddress, startNode, writeClusterFile } from '../../src/node/index.js';
import { makeEvent, openBus, until } from '../bus/fixtures.js';
import { temporaryDirectory } from '../peers/index.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';
import { type Machine, type Machines, makeCluster, makeMachine, makeMachines, startAll } from './machines.js';

const LONG_MS = 60_000;
const AS_IT_IS = { maxAgeMs: 3_600_000, maxBytes: 256 * 1024 * 1024, replicas: null };

/** A machine that connects to `hub` and lets nobody in. */
async function makeLeaf(t: ExecutionContext, machines: Machines, hub: readonly Machine[]): Promise<Machine> {
  const { authority, credentials } = machines;
  const machine = await makeMachine(t, 'leaf', authority, credentials);
  await writeClusterFile(filesOf(machine.config.store).cluster, {
    version: 1,
    mode: 'leaf',
    cluster: 'test',
    self: 'leaf',
    members: [],
    hub: hub.map(({ name, member }) => ({ name, leaf: member.leaf ?? '' })),
  });
  return machine;
}

/** Alone, on the ports that `member` tells. */
async function startHub(t: ExecutionContext, { config, member }: Machine): Promise<Node> {
  const port = Number(member.leaf?.split(':')[1]);
  const node = await startNode({ ...config, leaf: { listen: { host: '127.0.0.1', port } } }, silentLogger);
  t.teardown(() => node.stop());
  return node;
}

test('leaf - a node without streams stores and reads in those of its hub, and hears what is said there', async (t) => {
  const machines = await makeMachines(t, ['hub']);
  const [hub] = machines.all;
  if (hub === undefined) return t.fail();
  const there = await startHub(t, hub);
  const atHub = await openBus(t, there.address, { history: AS_IT_IS });
  const node = await (await makeLeaf(t, machines, [hub])).start();
  await node.ready(AbortSignal.timeout(LONG_MS));

  const atLeaf = await openBus(t, node.address, { history: AS_IT_IS });
  const heard: string[] = [];
  await atLeaf.follow('lobby', null, ({ event }) => void heard.push(event.data.text));
  const delivered: string[] = [];
  const deliveries = await atLeaf.deliveries('quakenet', (delivery) => {
    delivered.push(delivery.event().data.text);
    delivery.ack();
  });
  await atLeaf.store(makeEvent('lobby', 'from the leaf'));
  await atHub.store(makeEvent('lobby', 'from the hub'));
  await until('both are heard', () => heard.length === 2 && delivered.length === 2, LONG_MS);
  t.deepEqual(heard, ['from the leaf', 'from the hub']);
  t.deepEqual(delivered, heard);
  for (const bus of [atLeaf, atHub]) {
    const events = await bus.read('lobby', { limit: 10 });
    t.deepEqual(
      events.map(({ event }) => event.data.text),
      heard,
    );
  }
  await until('all is acknowledged at the hub', async () => (await deliveries.lag()).unacked === 0, LONG_MS);
  const bucket = await atLeaf.bucket<string>('TOKENS');
  await bucket.put('portal', 'value');
  t.is(await (await atHub.bucket<string>('TOKENS')).get('portal'), 'value');
  atHub.serve(['gateway', 'hub', 'status'], async () => 'well');
  await until(
    'the hub answers the leaf',
    () =>
      atLeaf.request(['gateway', 'hub', 'status'], {}, 5000).then(
        () => true,
        () => false,
      ),
    LONG_MS,
  );
});

test('leaf - the streams of its hub are backed up on it, by the user of the commands', async (t) => {
  const machines = await makeMachines(t, ['hub']);
  const [hub] = machines.all;
  if (hub === undefined) return t.fail();
  const there = await startHub(t, hub);
  const atHub = await openBus(t, there.address, { history: AS_IT_IS });
  await atHub.store(makeEvent('lobby', 'from the hub'));
  const machine = await makeLeaf(t, machines, [hub]);
  const node = await machine.start();
  await node.ready(AbortSignal.timeout(LONG_MS));
  const address = readNodeAddress(machine.config.store);
  if (address === null) return t.fail();
  const mover = await openMover(address);
  t.teardown(() => mover.close());
  const sources = {
    mover,
    prefix: 'parley',
    gateway: 'leaf',
    parley: '0',
    config: 'node: {}',
    store: machine.config.store,
  };
  const place = await temporaryDirectory(t, 'backup');
  const { file } = await takeBackup(sources, join(place, 'leaf.tar'), new Date());
  const { manifest } = await readBackup(file);
  t.like(manifest.streams[0], { stream: 'ROOMS', messages: 1 });
  t.true(manifest.parts.some(({ name }) => name === 'store/credentials.json'));
});

test('leaf - waits for its hub, and goes on when the hub was away', async (t) => {
  const machines = await makeMachines(t, ['hub']);
  const [hub] = machines.all;
  if (hub === undefined) return t.fail();
  const node = await (await makeLeaf(t, machines, [hub])).start();
  t.is(node.state.kind, 'waiting');
  const there = await startHub(t, hub);
  await node.ready(AbortSignal.timeout(LONG_MS));
  const bus = await openBus(t, node.address, { history: AS_IT_IS });
  await bus.store(makeEvent('lobby', 'before'));
  process.kill(there.pid, 'SIGKILL');
  const meanwhile = bus.store(makeEvent('lobby', 'meanwhile'));
  await until('the hub runs again', () => there.restarts === 1, LONG_MS);
  await meanwhile;
  await bus.store(makeEvent('lobby', 'after'));
  t.deepEqual(
    (await bus.read('lobby', { limit: 10 })).map(({ event }) => event.data.text),
    ['before', 'meanwhile', 'after'],
  );
});

test('leaf - of a cluster of three goes on at another one when its own is killed for good', async (t) => {
  const machines = await makeCluster(t);
  const nodes = await startAll(machines);
  const node = await (await makeLeaf(t, machines, machines.all)).start();
  await node.ready(AbortSignal.timeout(LONG_MS));
  const [first] = nodes;
  if (first === undefined) return t.fail();
  await openBus(t, first.address, { history: { ...AS_IT_IS, replicas: 3 } });
  const bus = await openBus(t, node.address, { history: AS_IT_IS });
  for (const [index, hub] of nodes.slice(0, 1).entries()) {
    await bus.store(makeEvent('lobby', `before ${index}`));
    await hub.stop();
    await bus.store(makeEvent('lobby', `after ${index}`));
  }
  // A copy that has fallen behind may answer.
  await until('all can be read', async () => (await bus.read('lobby', { limit: 10 })).length === 2, LONG_MS);
  t.pass();
});

test('leaf - one with a certificate of another CA, or with a wrong password, is not let in', async (t) => {
  const machines = await makeMachines(t, ['hub']);
  const others = await makeMachines(t, ['elsewhere']);
  const [hub] = machines.all;
  if (hub === undefined) return t.fail();
  await startHub(t, hub);
  const strangers = [
    await makeLeaf(t, { ...machines, authority: others.authority }, [hub]),
    await makeLeaf(t, { ...machines, credentials: others.credentials }, [hub]),
  ];
  const good = await (await makeLeaf(t, machines, [hub])).start();
  await good.ready(AbortSignal.timeout(LONG_MS));
  for (const stranger of strangers) {
    const lines: RecordedLine[] = [];
    const node = await stranger.start(recordingLog(lines));
    const refused = /TLS .*handshake error|certificate|Authorization Violation/i;
    await until(
      'it was refused',
      () => lines.some(({ fields }) => refused.test(String(fields.said))),
      LONG_MS,
    );
    t.is(node.state.kind, 'waiting');
  }
});
