import test from 'ava';
import { openBus, until } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';
import { account, aGateway, configOf, gateway, SAID_IN_PUBLIC, stranger } from './fixtures.js';

const ALL = { network: null, room: null };
const ZAP = account('zappater@quakenet');
const WRONG = /^That code is not good/;

test('claim - the code that is shown makes the first owner, once', async (t) => {
  const { say, refused, refusal, codes, acts } = await aGateway(t, {});
  t.is(codes.length, 1);
  const code = codes[0]?.code ?? '';
  t.regex(code, /^(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
  const [line = ''] = await say(ZAP, `claim ${code.toLowerCase().replaceAll('-', ' ')}`);
  t.regex(line, /zappater@quakenet, are owner now/);
  t.is(refusal(ZAP, 'reload', ALL), null);
  t.like(acts.at(-1), { action: 'claim', outcome: 'done', actor: ZAP.author });
  t.regex(await refused(account('other@libera'), `claim ${code}`), WRONG);
});

test('claim - there is no code where there is an owner', async (t) => {
  const { codes, refused } = await aGateway(t);
  t.deepEqual(codes, []);
  t.regex(await refused(ZAP, 'claim 0000-0000-0000-0000'), WRONG);
});

test('claim - only the hash of the code is stored or logged', async (t) => {
  const { address } = await startNats(t);
  const { codes, log } = await gateway(t, address, {});
  const stored = await (await (await openBus(t, address)).bucket('GRANTS')).entries();
  t.is(stored.size, 1);
  const code = codes[0]?.code ?? 'none';
  t.false(JSON.stringify([[...stored], log]).includes(code));
  t.false(JSON.stringify([[...stored], log]).includes(code.replaceAll('-', '')));
});

test('claim - of those who claim at once, over two gateways, exactly one becomes owner', async (t) => {
  const { address } = await startNats(t);
  for (let round = 0; round < 10; round++) {
    const prefix = `round${round}`;
    const there = await gateway(t, address, {}, { bus: await openBus(t, address, { prefix }) });
    const here = await gateway(t, address, {}, { bus: await openBus(t, address, { prefix }) });
    const code = here.codes[0]?.code;
    const names = ['a@quakenet', 'b@libera', 'c@libera'];
    const claims = await Promise.allSettled(
      names.map((name, index) => (index === 0 ? here : there).say(account(name), `claim ${code}`)),
    );
    const claimed = claims.filter(({ status }) => status === 'fulfilled').length;
    t.is(claimed, 1);
    const isOwner = (name: string) =>
      [here, there].some(({ refusal }) => refusal(account(name), 'reload', ALL) === null);
    t.is(names.filter(isOwner).length, 1);
  }
});

test('claim - the code of the gateway that started last is the one that counts', async (t) => {
  const { address } = await startNats(t);
  const first = await gateway(t, address, {});
  const second = await gateway(t, address, {});
  await until('the first one says so', () => first.log.some(({ message }) => message.includes('is void')));
  t.regex(await second.refused(ZAP, `claim ${first.codes[0]?.code}`), WRONG);
  await first.say(ZAP, `claim ${second.codes[0]?.code}`);
  t.is(first.refusal(ZAP, 'reload', ALL), null);
});

test('claim - wrong, too late and none at all sound the same', async (t) => {
  let now = Date.now();
  const { refused, codes } = await aGateway(t, {}, { now: () => now });
  const told = [await refused(ZAP, 'claim 0000-0000-0000-0000')];
  now += 60 * 60_000;
  told.push(await refused(ZAP, `claim ${codes[0]?.code}`));
  const owned = await aGateway(t);
  told.push(await owned.refused(ZAP, 'claim 0000-0000-0000-0000'));
  t.is(new Set(told).size, 1);
  t.regex(told[0] ?? '', WRONG);
});

test('claim - tries are counted by caller and by all, then the right code does not help', async (t) => {
  let now = Date.now();
  const { say, refused, codes } = await aGateway(t, {}, { now: () => now });
  for (let n = 0; n < 5; n++) t.regex(await refused(ZAP, `claim ${n}`), WRONG);
  t.regex(await refused(ZAP, `claim ${codes[0]?.code}`), /Too many codes.*10 min/);
  for (let n = 0; n < 55; n++) t.regex(await refused(account(`a${n}@libera`), `claim ${n}`), WRONG);
  t.regex(await refused(account('b@libera'), `claim ${codes[0]?.code}`), /Too many codes/);
  now += 10 * 60_000;
  await say(account('b@libera'), `claim ${codes[0]?.code}`);
  t.pass();
});

test('claim - said in a channel it is void, a new one is shown, and nobody learns whether it was right', async (t) => {
  const { address } = await startNats(t);
  const here = await gateway(t, address, {});
  const there = await gateway(t, address, { owners: ['x@libera'] });
  const loud = account('zappater@quakenet', SAID_IN_PUBLIC);
  const wrong = await here.refused(loud, 'claim 0000-0000-0000-0000');
  t.is(here.codes.length, 1);
  const [shown] = here.codes;
  t.is(await here.refused(stranger('a!b@c', 'quakenet', SAID_IN_PUBLIC), `claim ${shown?.code}`), wrong);
  t.is(here.codes.length, 2);
  t.regex(await here.refused(ZAP, `claim ${shown?.code}`), WRONG);
  t.regex(await there.refused(ZAP, `claim ${shown?.code}`), WRONG);
  await here.say(ZAP, `claim ${here.codes[1]?.code}`);
  t.is(here.refusal(ZAP, 'reload', ALL), null);
});

test('claim - who is not logged in does not use the code up', async (t) => {
  const { say, refused, codes } = await aGateway(t, {});
  t.regex(await refused(stranger('zappater!z@h', 'quakenet'), `claim ${codes[0]?.code}`), /Log in/);
  await say(ZAP, `claim ${codes[0]?.code}`);
  t.pass();
});

test('claim - a claim that cannot be put on record makes no owner, and a new code is shown', async (t) => {
  const audit = async (): Promise<void> => {
    throw new Error('the stream is full');
  };
  const { refused, refusal, codes } = await aGateway(t, {}, { audit });
  t.regex(await refused(ZAP, `claim ${codes[0]?.code}`), /on record/);
  t.not(refusal(ZAP, 'reload', ALL), null);
  t.is(codes.length, 2);
  t.not(codes[0]?.code, codes[1]?.code);
});

test('claim - a reload that takes the last owner shows a code, one that brings one makes it void', async (t) => {
  const { reload, codes, refused } = await aGateway(t);
  reload(configOf());
  await until('a code is shown', () => codes.length === 1);
  reload(configOf());
  reload(configOf({ owners: ['other@libera'] }));
  t.regex(await refused(ZAP, `claim ${codes[0]?.code}`), WRONG);
  t.is(codes.length, 1);
});
