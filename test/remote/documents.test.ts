import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../../src/log.js';
import { Documents, type Writer } from '../../src/remote/index.js';
import { openBus, until } from '../bus/fixtures.js';
import { startNats } from '../peers/nats.js';

const ann: Writer = { id: 'http:ann:ann', name: 'ann', from: 'http' };
const channel = (name: string) => `channels: [ { network: one, channel: "${name}", room: lobby } ]\n`;

async function open(t: ExecutionContext, address: Parameters<typeof openBus>[1]) {
  const bus = await openBus(t, address);
  const documents = new Documents({ bus, log: silentLogger });
  await documents.start();
  t.teardown(() => documents.stop());
  return { bus, documents };
}

test('documents - each change is a version with its author, on record, and known to other gateways', async (t) => {
  const { address } = await startNats(t);
  const [here, there] = [await open(t, address), await open(t, address)];
  const write = (text: string, base: number | null, comment = '') =>
    here.documents.write({ name: 'main', text, base, comment, by: ann });
  await write(channel('#a'), null, 'the first\nof all');
  await write(channel('#b'), 1);
  const back = await here.documents.rollback('main', 1, 2, ann);
  t.is(back.version, 3);
  t.is(back.text, channel('#a'));
  await until('the other to know', () => there.documents.current('main')?.version === 3);
  t.deepEqual(
    there.documents.versions('main').map(({ version, comment }) => [version, comment]),
    [
      [3, 'back to version 1'],
      [2, ''],
      [1, 'the first of all'],
    ],
  );
  t.regex(here.documents.diff('main', channel('#a'), channel('#b'), ['1', '2']), /-.*#a.*\n\+.*#b/);
  const acts = (await here.bus.audit.list(10)).map(({ act }) => act as { action: string; name: string });
  t.deepEqual(
    acts.map(({ action, name }) => `${name}: ${action}`),
    ['ann: config change', 'ann: config change', 'ann: config rollback'],
  );
  // One that comes later knows the same.
  const later = await open(t, address);
  t.is(later.documents.versions('main').length, 3);
});

test('documents - of many who change the same version at once, one wins, and all agree', async (t) => {
  const { address } = await startNats(t);
  const gateways = await Promise.all([1, 2, 3].map(() => open(t, address)));
  const [first] = gateways;
  await first?.documents.write({ name: 'main', text: channel('#0'), base: null, comment: '', by: ann });
  for (const { documents } of gateways)
    await until('all to know', () => documents.current('main')?.version === 1);
  const attempts = gateways.flatMap(({ documents }, gateway) =>
    [1, 2, 3].map((writer) =>
      documents
        .write({ name: 'main', text: channel(`#${gateway}${writer}`), base: 1, comment: '', by: ann })
        .then(
          ({ text }) => text,
          (error: { code: string }) => error.code,
        ),
    ),
  );
  const outcomes = await Promise.all(attempts);
  t.is(outcomes.filter((one) => one === 'CONFIG_CHANGED').length, 8, String(outcomes));
  const [winner] = outcomes.filter((one) => one !== 'CONFIG_CHANGED');
  for (const { documents } of gateways) {
    await until('all to agree', () => documents.current('main')?.version === 2);
    t.is(documents.current('main')?.text, winner);
  }
  const later = await open(t, address);
  t.is(later.documents.current('main')?.text, winner);
});

test('documents - what is no document, too large, or named badly is refused with why', async (t) => {
  const { address } = await startNats(t);
  const { documents } = await open(t, address);
  const write = (name: string, text: string) =>
    documents.write({ name, text, base: null, comment: '', by: ann });
  await t.throwsAsync(write('main', 'channels: 5'), { message: /channels/ });
  await t.throwsAsync(write('a b', ''), { message: /no name/ });
  await t.throwsAsync(write('main', `# ${'x'.repeat(200_000)}`), { message: /larger/ });
  await t.throwsAsync(documents.rollback('main', 7, null, ann), { message: /no version 7/ });
  t.deepEqual(documents.list(), []);
});

test('documents - of a hundred and more versions, the oldest fall out', async (t) => {
  const { address } = await startNats(t);
  const { documents } = await open(t, address);
  for (let version = 0; version < 104; version += 1)
    await documents.write({
      name: 'main',
      text: channel(`#${version}`),
      base: version || null,
      comment: '',
      by: ann,
    });
  await until('the oldest to fall out', () => documents.versions('main').length === 100);
  t.is(documents.versions('main').at(-1)?.version, 5);
  const later = await open(t, address);
  t.is(later.documents.current('main')?.version, 104);
});
