import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openBus as openBusAnyway } from '../../../src/bus/index.js';
import { silentLogger } from '../../../src/log.js';
import { busOptions, until } from '../../bus/fixtures.js';
import { temporaryDirectory } from '../../peers/index.js';
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

test('access - a gateway that starts without the backbone goes on with its copy of the grants and links', async (t) => {
  const server = await startNats(t);
  const copies = await temporaryDirectory(t, 'copies');
  const first = await gateway(t, server.address, undefined, { copies });
  await first.say(OWNER, 'grant zappater@quakenet moderator');
  await first.say(OWNER, 'grant ann@quakenet moderator');
  await first.stop();
  const second = await gateway(t, server.address);
  await second.say(OWNER, 'revoke ann@quakenet moderator');
  await server.stop();
  const bus = await openBusAnyway(busOptions(server.address), silentLogger);
  t.teardown(() => bus.close(0));
  const { refusal } = await gateway(t, server.address, undefined, { bus, copies });
  const mayBan = (name: string) => refusal(account(name), 'ban', ALL) === null;
  t.true(mayBan('zappater@quakenet'));
  // It cannot know better.
  t.true(mayBan('ann@quakenet'));
  t.false(mayBan('bob@quakenet'));
  await server.start();
  await until('the revocation is known', () => !mayBan('ann@quakenet'), 60_000);
  t.true(mayBan('zappater@quakenet'));
});

test('access - a copy of the grants that is damaged gives nothing', async (t) => {
  const server = await startNats(t);
  await server.stop();
  for (const text of ['', '{', '[[]]', '[["x", {"gives": "owner"}]]', '{"a": 1}', '[[1, 2]]']) {
    const copies = await temporaryDirectory(t, 'copies');
    await writeFile(join(copies, 'grants.json'), text);
    await writeFile(join(copies, 'links.json'), text);
    const bus = await openBusAnyway(busOptions(server.address), silentLogger);
    t.teardown(() => bus.close(0));
    const { refusal } = await gateway(t, server.address, undefined, { bus, copies });
    t.not(refusal(account('x@quakenet'), 'ban', ALL), null, text);
  }
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
