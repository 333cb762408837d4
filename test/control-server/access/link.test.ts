import test from 'ava';
import type { Caller } from '../../../control-server/call.js';
import { until } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';
import { account, aGateway, gateway, SAID_IN_PUBLIC, type TestAccess } from './fixtures.js';

const OWNER = account('owner@quakenet');
const ZAP = account('zappater@quakenet');
const ZAP2 = account('zap@libera');
const THIEF = account('thief@libera');
const ALL = { network: null, room: null };
const WRONG = /^That code is not good/;

async function codeFor({ say }: TestAccess, caller: Caller): Promise<string> {
  const [line = ''] = await say(caller, 'link');
  return /"link (\S+)"/.exec(line)?.[1] ?? '';
}

async function linkBoth(access: TestAccess, asker: Caller, answerer: Caller): Promise<void> {
  await access.say(answerer, `link ${await codeFor(access, asker)}`);
  const [asked, answered] = [asker, answerer].map(({ name, network }) => `${name}@${network}`);
  await access.say(answerer, `link confirm ${asked}`);
  await access.say(asker, `link confirm ${answered}`);
}

test('link - two accounts become one person, each told who the other is', async (t) => {
  const access = await aGateway(t);
  const { say, refusal, identityOf, acts } = access;
  await say(OWNER, 'grant zappater@quakenet moderator --room quakeworld');
  const told = await say(ZAP, `link ${await codeFor(access, ZAP2)}`);
  t.regex(told.join(' '), /zap@libera may do everything that you may.*Did somebody tell you to say it/);
  t.regex((await say(ZAP2, 'link confirm'))[0] ?? '', /did not confirm yet/);
  t.regex(
    (await say(ZAP, 'link confirm zap@libera'))[0] ?? '',
    /"link confirm zappater@quakenet" from zap@libera/,
  );
  t.is(identityOf(ZAP.author), null);
  t.regex((await say(ZAP2, 'link confirm'))[0] ?? '', /zappater@quakenet wants to be one person with you/);
  await say(ZAP2, 'link confirm zappater@quakenet');
  t.is(refusal(ZAP2, 'ban', { network: null, room: 'quakeworld' }), null);
  t.is(identityOf(ZAP.author), identityOf(ZAP2.author));
  t.like(acts.at(-1), { action: 'link', outcome: 'done', actor: ZAP2.author, target: ZAP.author });
  t.regex((await say(ZAP2, 'whoami'))[1] ?? '', /One person with zappater@quakenet/);
});

test('link - a stolen code links nobody: its owner would have to name the thief', async (t) => {
  const access = await aGateway(t);
  const { say, refused, identityOf } = access;
  const code = await codeFor(access, OWNER);
  await say(THIEF, `link ${code}`);
  t.regex(
    await refused(OWNER, 'link confirm thief@libera'),
    /has to say "link confirm owner@quakenet" first/,
  );
  await say(THIEF, 'link confirm owner@quakenet');
  t.is(identityOf(THIEF.author), null);
  t.regex(await refused(ZAP, `link ${code}`), WRONG, 'used up');
  t.regex(await refused(OWNER, 'link confirm zappater@quakenet'), /did not say your code/);
  t.is(identityOf(OWNER.author), null);
});

test('link - a victim who is talked into saying a code gives nothing away', async (t) => {
  const access = await aGateway(t);
  const { say, refused, refusal } = access;
  const [, warning = ''] = await say(OWNER, `link ${await codeFor(access, THIEF)}`);
  t.regex(warning, /Did somebody tell you to say it/);
  t.regex(
    await refused(THIEF, 'link confirm owner@quakenet'),
    /has to say "link confirm thief@libera" first/,
  );
  t.not(refusal(THIEF, 'ban', ALL), null);
});

test('link - a code is for one account, once, for five minutes, and the newest only', async (t) => {
  let now = Date.now();
  const access = await aGateway(t, undefined, { now: () => now });
  const { say, refused } = access;
  const old = await codeFor(access, ZAP);
  const code = await codeFor(access, ZAP);
  t.regex(await refused(ZAP2, `link ${old}`), WRONG);
  await say(ZAP2, `link ${code}`);
  t.regex(await refused(ZAP2, `link ${code}`), WRONG);
  await say(ZAP2, 'link confirm zappater@quakenet');
  now += 5 * 60_000;
  t.regex(await refused(ZAP, 'link confirm zap@libera'), /did not say your code/);
  const late = await codeFor(access, ZAP);
  now += 5 * 60_000;
  t.regex(await refused(ZAP2, `link ${late}`), WRONG);
  t.regex(await refused(ZAP, `link ${await codeFor(access, ZAP)}`), /your own/);
});

test('link - tries are counted', async (t) => {
  const access = await aGateway(t);
  for (let n = 0; n < 5; n++) t.regex(await access.refused(THIEF, `link ${n}`), WRONG);
  t.regex(await access.refused(THIEF, `link ${await codeFor(access, ZAP)}`), /Too many codes/);
});

test('link - a code that is said in a channel is void', async (t) => {
  const access = await aGateway(t);
  const code = await codeFor(access, ZAP);
  const loud = account('zap@libera', SAID_IN_PUBLIC);
  const told = await access.refused(loud, `link ${code}`);
  t.is(await access.refused(loud, 'link 0000'), told);
  t.regex(await access.refused(ZAP2, `link ${code}`), WRONG);
  t.regex(await access.refused(account('zappater@quakenet', SAID_IN_PUBLIC), 'link'), /to me alone/);
});

test('link - over several gateways, in either place, a code is good once', async (t) => {
  const { address } = await startNats(t);
  const here = await gateway(t, address);
  const there = await gateway(t, address);
  for (let round = 0; round < 5; round++) {
    const asker = account(`asker${round}@quakenet`);
    const code = await codeFor(here, asker);
    const [one, other] = [account(`one${round}@libera`), account(`other${round}@libera`)];
    const said = await until('the code is known there', async () => {
      const answers = await Promise.allSettled([
        here.say(one, `link ${code}`),
        there.say(other, `link ${code}`),
      ]);
      const taken = answers.filter(({ status }) => status === 'fulfilled').length;
      t.true(taken <= 1);
      return taken === 1;
    });
    t.is(said, undefined);
  }
});

test('link - those who are linked elsewhere unlink first; unlinked, everybody keeps their own', async (t) => {
  const { address } = await startNats(t);
  const access = await gateway(t, address);
  const { say, refused, refusal, identityOf } = access;
  await say(OWNER, 'grant zappater@quakenet moderator');
  await linkBoth(access, ZAP, ZAP2);
  await linkBoth(access, account('a@quakenet'), account('b@libera'));
  await linkBoth(access, ZAP2, account('third@libera'));
  t.is(identityOf('irc:libera:account:third'), identityOf(ZAP.author));
  const code = await codeFor(access, ZAP);
  t.regex(await refused(account('b@libera'), `link ${code}`), /each linked with others/);
  t.regex(await refused(ZAP, 'unlink b@libera'), /not linked with you/);
  await say(ZAP, 'unlink zap@libera');
  t.not(refusal(ZAP2, 'ban', ALL), null);
  t.is(refusal(account('third@libera'), 'ban', ALL), null);
  await say(ZAP, 'unlink');
  t.is(refusal(ZAP, 'ban', ALL), null);
  t.not(refusal(account('third@libera'), 'ban', ALL), null);
  t.regex(await refused(account('third@libera'), 'unlink'), /linked with nobody/);
  const later = await gateway(t, address);
  t.is(later.identityOf('irc:quakenet:account:a'), identityOf('irc:libera:account:b'));
  t.is(later.identityOf(ZAP.author), null);
});

test('link - a grant to an identity holds for all its accounts, a mute of one for all', async (t) => {
  const access = await aGateway(t);
  const { say, refusal, identityOf } = access;
  await linkBoth(access, ZAP, ZAP2);
  await say(OWNER, `grant identity:${identityOf(ZAP.author)} moderator`);
  t.is(refusal(ZAP, 'ban', ALL), null);
  t.is(refusal(ZAP2, 'ban', ALL), null);
  await say(OWNER, 'grant zap@libera muted');
  t.regex(refusal(ZAP, 'ban', ALL) ?? '', /muted/);
});
