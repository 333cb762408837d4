import test from 'ava';
import { openBus as openBusAnyway } from '../../../src/bus/index.js';
import { silentLogger } from '../../../src/log.js';
import { busOptions, until } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';
import { account, gateway } from './fixtures.js';

const OWNER = account('owner@quakenet');
const ALL = { network: null, room: null };

test('access - a gateway that starts without the backbone has the owners of its file, and the rest later', async (t) => {
  const server = await startNats(t);
  await (await gateway(t, server.address)).say(OWNER, 'grant zappater@quakenet moderator');
  await server.stop();
  const bus = await openBusAnyway(busOptions(server.address), silentLogger);
  t.teardown(() => bus.close(0));
  const { refusal, refused } = await gateway(t, server.address, undefined, { bus });
  t.is(refusal(OWNER, 'reload', ALL), null);
  t.not(refusal(account('zappater@quakenet'), 'ban', ALL), null);
  t.regex(await refused(OWNER, 'grant a@quakenet ban'), /backbone is away/);
  await server.start();
  await until(
    'the grants are known',
    () => refusal(account('zappater@quakenet'), 'ban', ALL) === null,
    60_000,
  );
  t.pass();
});

test('access - without the backbone nobody is offered a code before it is known that there is no owner', async (t) => {
  const server = await startNats(t);
  await server.stop();
  const bus = await openBusAnyway(busOptions(server.address), silentLogger);
  t.teardown(() => bus.close(0));
  const { codes, say } = await gateway(t, server.address, {}, { bus });
  t.deepEqual(codes, []);
  await server.start();
  await until('a code is shown', () => codes.length === 1, 60_000);
  await say(account('a@libera'), `claim ${codes[0]?.code}`);
  t.pass();
});
