import { readFile } from 'node:fs/promises';
import { connect as connectTls } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { Bus } from '../../src/bus/index.js';
import {
  certify,
  describeCertificate,
  filesOf,
  finishAuthority,
  type Node,
  rotateAuthority,
  tlsDirectory,
} from '../../src/node/index.js';
import { writePrivately } from '../../src/node/private-file.js';
import { makeEvent, openBus } from '../bus/fixtures.js';
import { temporaryDirectory } from '../peers/index.js';
import { type Machine, makeCluster, startAll } from './machines.js';

const LONG_MS = 60_000;
const THREE_COPIES = { maxAgeMs: 3_600_000, maxBytes: 256 * 1024 * 1024, replicas: 3 };
const HOSTS = ['127.0.0.1', 'localhost'];

/** Speaks without a pause until it is stopped; resolves with what it said, all of it stored. */
function talk(bus: Bus): { stop(): Promise<readonly string[]> } {
  let talking = true;
  const said: string[] = [];
  const done = (async () => {
    while (talking) {
      const text = String(said.length);
      await bus.store(makeEvent('lobby', text));
      said.push(text);
    }
  })();
  return {
    stop: async () => {
      talking = false;
      await done;
      return said;
    },
  };
}

/** SHA-256 of what the node shows to whoever connects a route. */
async function shownBy(node: Node, { config }: Machine): Promise<string> {
  const { tls } = filesOf(config.store);
  const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map((file) => readFile(file)));
  const socket = connectTls({ host: '127.0.0.1', port: node.ports.route ?? 0, ca, cert, key });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const shown = socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase();
  socket.destroy();
  return shown;
}

async function fingerprintIn({ config }: Machine): Promise<string> {
  return describeCertificate(await readFile(filesOf(config.store).tls.cert, 'utf8')).fingerprint;
}

async function stored(t: ExecutionContext, bus: Bus, said: readonly string[]): Promise<void> {
  t.true(said.length > 0);
  const found: string[] = [];
  let after = 0;
  for (;;) {
    const page = await bus.read('lobby', { limit: 200, after });
    found.push(...page.map(({ event }) => event.data.text));
    after = page.at(-1)?.sequence ?? after;
    if (page.length < 200) break;
  }
  t.deepEqual(found, said);
}

test('rotation - certificates and then the CA are changed under a running cluster, and nothing is lost', async (t) => {
  const machines = await makeCluster(t);
  const { all, authority } = machines;
  const nodes = await startAll(machines);
  const pids = nodes.map(({ pid }) => pid);
  const [first] = nodes;
  if (first === undefined) return t.fail();
  const bus = await openBus(t, first.address, { history: THREE_COPIES });
  const talking = talk(bus);

  // Where the CA is: a directory of its own, as on a machine that is no node.
  const ca = tlsDirectory(await temporaryDirectory(t, 'ca'));
  await writePrivately(ca.ca, authority.cert);
  await writePrivately(ca.caKey, authority.key);
  const everywhere = async (work: (machine: Machine) => Promise<unknown>): Promise<void> => {
    for (const [index, machine] of all.entries()) {
      await work(machine);
      await nodes[index]?.reload();
    }
  };
  const newCertificate = (machine: Machine) =>
    certify(filesOf(machine.config.store).tls, ca, { name: machine.name, hosts: HOSTS });
  const trust = async (machine: Machine) =>
    writePrivately(filesOf(machine.config.store).tls.ca, await readFile(ca.ca, 'utf8'));
  const shown = () => Promise.all(all.map((machine, index) => shownBy(nodes[index] ?? first, machine)));

  const before = await shown();
  await everywhere(newCertificate);
  const renewed = await shown();
  t.deepEqual(renewed, await Promise.all(all.map(fingerprintIn)), 'each shows its new certificate');
  t.false(renewed.some((fingerprint) => before.includes(fingerprint)));

  await rotateAuthority(ca, 'parley test 2');
  await everywhere(trust);
  await everywhere(newCertificate);
  await finishAuthority(ca);
  await everywhere(trust);
  t.deepEqual(await shown(), await Promise.all(all.map(fingerprintIn)));

  const said = await talking.stop();
  await stored(t, bus, said);
  t.deepEqual(
    nodes.map(({ pid }) => pid),
    pids,
    'no server was restarted',
  );
  // The routes of the time before still stand: those of a restarted server are made with the new CA.
  process.kill(nodes[2]?.pid ?? 0, 'SIGKILL');
  const deadline = AbortSignal.timeout(LONG_MS);
  await new Promise<void>((resolve, reject) => {
    deadline.addEventListener('abort', () => reject(deadline.reason));
    nodes[2]?.onState(({ kind }) => kind === 'ready' && resolve());
  });
  await bus.store(makeEvent('lobby', 'together'));
  await stored(t, bus, [...said, 'together']);
});

test('rotation - a server that refuses its new configuration goes on with the old one', async (t) => {
  const machines = await makeCluster(t);
  const [first] = await startAll(machines);
  const [alpha] = machines.all;
  if (first === undefined || alpha === undefined) return t.fail();
  const { tls } = filesOf(alpha.config.store);
  const good = await readFile(tls.cert);
  await writePrivately(tls.cert, 'no certificate');
  await t.throwsAsync(first.reload(), { code: 'CERTIFICATE_INVALID', message: /node\.pem/ });
  await writePrivately(tls.cert, good.toString());
  await first.reload();
  t.is(await shownBy(first, alpha), await fingerprintIn(alpha));
});
