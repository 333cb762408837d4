import test from 'ava';
import { until } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';
import { account, aGateway, gateway, stranger } from './fixtures.js';

const OWNER = account('owner@quakenet');
const ZAP = account('zappater@quakenet');
const QW = { network: null, room: 'quakeworld' };
const NEWS = { network: null, room: 'news' };
const ALL = { network: null, room: null };

test('access - a role holds where it was granted and nowhere else', async (t) => {
  const { say, refusal } = await aGateway(t);
  t.regex(refusal(ZAP, 'ban', QW) ?? '', /permission "ban" for quakeworld/);
  const [line = ''] = await say(OWNER, 'grant zappater@quakenet moderator --room quakeworld because');
  t.regex(line, /zappater@quakenet is given: moderator in quakeworld/);
  t.is(refusal(ZAP, 'ban', QW), null);
  t.is(refusal(ZAP, 'ban', { network: 'libera', room: 'quakeworld' }), null);
  t.not(refusal(ZAP, 'ban', NEWS), null);
  t.not(refusal(ZAP, 'ban', ALL), null);
  t.not(refusal(ZAP, 'ban', { network: 'quakenet', room: null }), null);
  t.not(refusal(ZAP, 'reload', QW), null);
});

test('access - several grants add up, and a permission alone gives that alone', async (t) => {
  const { say, refusal } = await aGateway(t);
  await say(OWNER, 'grant zappater@quakenet say --network quakenet');
  await say(OWNER, 'grant zappater@quakenet ban --room news');
  t.is(refusal(ZAP, 'say', { network: 'quakenet', room: 'ops' }), null);
  t.not(refusal(ZAP, 'say', { network: 'libera', room: 'ops' }), null);
  t.not(refusal(ZAP, 'mute', NEWS), null);
  t.is(refusal(ZAP, 'ban', NEWS), null);
  t.not(refusal(ZAP, 'say', NEWS), null);
});

test('access - a grant narrowed to commands holds for these', async (t) => {
  const { say, refusal } = await aGateway(t);
  await say(OWNER, 'grant zappater@quakenet moderator --command ban,qw');
  t.is(refusal(ZAP, 'ban', ALL), null);
  t.not(refusal(ZAP, 'ban', { ...ALL, command: 'unban' }), null);
  t.not(refusal(ZAP, 'mute', ALL), null);
});

test('access - an owner may what no role names', async (t) => {
  const { refusal } = await aGateway(t);
  t.is(refusal(OWNER, 'matchmaking', ALL), null);
  t.is(refusal(OWNER, 'reload', ALL), null);
  t.not(refusal(ZAP, 'matchmaking', ALL), null);
});

test('access - everybody may what is for all, also those who are not logged in', async (t) => {
  const { refusal } = await aGateway(t);
  t.is(refusal(stranger('a!b@c', 'libera'), 'use', ALL), null);
  t.is(refusal(stranger('a!b@c', 'libera'), 'broadcast', QW), null);
});

test('access - a grant ends when it says', async (t) => {
  let now = Date.parse('2026-11-25T12:00:00Z');
  const { say, refusal, refused } = await aGateway(t, undefined, { now: () => now });
  const [line = ''] = await say(OWNER, 'grant zappater@quakenet moderator --for 7d');
  t.regex(line, /until 2026-12-02T12:00:00/);
  t.is(refusal(ZAP, 'ban', ALL), null);
  now += 7 * 86_400_000;
  t.not(refusal(ZAP, 'ban', ALL), null);
  t.regex(await refused(OWNER, 'grant zappater@quakenet ban --until 2026-01-01'), /next ten years/);
  t.regex(await refused(OWNER, 'grant zappater@quakenet ban --for soon'), /--for 7d/);
});

test('access - every gateway knows a grant and its end by revoke, and a new one from the start', async (t) => {
  const { address } = await startNats(t);
  const here = await gateway(t, address);
  const there = await gateway(t, address);
  await here.say(OWNER, 'grant zappater@quakenet moderator');
  t.is(here.refusal(ZAP, 'ban', ALL), null);
  await until('the other gateway knows', () => there.refusal(ZAP, 'ban', ALL) === null);
  const later = await gateway(t, address);
  t.is(later.refusal(ZAP, 'ban', ALL), null);
  await there.say(OWNER, 'revoke zappater@quakenet moderator');
  t.not(there.refusal(ZAP, 'ban', ALL), null);
  await until(
    'all know',
    () => here.refusal(ZAP, 'ban', ALL) !== null && later.refusal(ZAP, 'ban', ALL) !== null,
  );
  t.pass();
});

test('access - what is known holds while the backbone is away, and changes are refused', async (t) => {
  const server = await startNats(t);
  const { say, refusal, refused } = await gateway(t, server.address);
  await say(OWNER, 'grant zappater@quakenet moderator');
  await server.stop();
  t.is(refusal(ZAP, 'ban', ALL), null);
  t.regex(await refused(OWNER, 'grant other@quakenet moderator'), /backbone is away.*Try again/);
  t.not(refusal(account('other@quakenet'), 'ban', ALL), null);
});

test('access - nobody gives more than they have, in a wider place or for longer', async (t) => {
  const now = Date.parse('2026-11-25T12:00:00Z');
  const { say, refused, acts } = await aGateway(t, undefined, { now: () => now });
  await say(OWNER, 'grant zappater@quakenet operator --network quakenet,libera --room quakeworld --for 7d');
  t.regex(
    await refused(ZAP, 'grant a@libera owner --room quakeworld --network libera --for 1d'),
    /do not have owner/,
  );
  t.regex(await refused(ZAP, 'grant a@libera moderator --for 1d'), /permission "grant"/);
  t.regex(
    await refused(ZAP, 'grant a@libera moderator --room news --network libera --for 1d'),
    /permission "grant"/,
  );
  t.regex(
    await refused(ZAP, 'grant a@libera reload --network libera --room quakeworld --for 1d'),
    /do not have reload/,
  );
  const where = '--network libera,quakenet --room quakeworld';
  t.regex(await refused(ZAP, `grant a@libera moderator ${where}`), /until 2026-12-02.* only/);
  t.regex(await refused(ZAP, `grant a@libera moderator ${where} --for 8d`), /until 2026-12-02.* only/);
  t.true(acts.slice(1).every(({ outcome }) => outcome === 'refused'));
  t.is(acts.length, 7);
  await say(ZAP, `grant a@libera moderator ${where} --for 6d`);
  t.is(acts.at(-1)?.outcome, 'done');
});

test('access - a role is given by those of that role, not by those who have all its permissions', async (t) => {
  const { say, refused } = await aGateway(t);
  for (const permission of ['ban', 'mute', 'say', 'grant'])
    await say(OWNER, `grant zappater@quakenet ${permission}`);
  t.regex(await refused(ZAP, 'grant a@libera moderator'), /do not have moderator everywhere/);
  await say(ZAP, 'grant a@libera ban');
  t.pass();
});

test('access - nobody takes what they could not give', async (t) => {
  const { say, refused, refusal } = await aGateway(t);
  await say(OWNER, 'grant second@libera owner');
  await say(OWNER, 'grant zappater@quakenet operator');
  await say(OWNER, 'grant other@quakenet operator --network quakenet');
  t.regex(await refused(ZAP, 'revoke second@libera owner'), /do not have owner/);
  t.regex(
    await refused(account('other@quakenet'), 'revoke zappater@quakenet operator'),
    /permission "revoke"/,
  );
  t.regex(
    await refused(account('nobody@quakenet'), 'revoke zappater@quakenet operator'),
    /permission "revoke"/,
  );
  await say(ZAP, 'revoke other@quakenet operator');
  t.not(refusal(account('other@quakenet'), 'join', { network: 'quakenet', room: null }), null);
});

test('access - the last owner and those of the config file stay', async (t) => {
  const byConfig = await aGateway(t);
  await byConfig.say(OWNER, 'grant second@libera owner');
  const second = account('second@libera');
  t.regex(await byConfig.refused(second, 'revoke owner@quakenet owner'), /by the config file/);
  await byConfig.say(OWNER, 'revoke second@libera owner');

  const { say, refused, codes } = await aGateway(t, {});
  const first = account('first@quakenet');
  await say(first, `claim ${codes[0]?.code}`);
  t.regex(await refused(first, 'revoke first@quakenet owner'), /last owner/);
  await say(first, 'grant second@libera owner --for 7d');
  t.regex(await refused(second, 'revoke first@quakenet owner'), /last owner/);
  await say(first, 'grant second@libera owner');
  await say(second, 'revoke first@quakenet owner');
  t.regex(await refused(second, 'revoke second@libera owner'), /last owner/);
});

test('access - muted takes away whatever else was granted', async (t) => {
  const { say, refusal, refused } = await aGateway(t);
  await say(OWNER, 'grant zappater@quakenet operator');
  await say(OWNER, 'grant zappater@quakenet muted --room news');
  t.regex(refusal(ZAP, 'ban', NEWS) ?? '', /You are muted/);
  t.regex(refusal(ZAP, 'use', NEWS) ?? '', /You are muted/);
  t.regex(refusal(ZAP, 'ban', ALL) ?? '', /You are muted/, 'everywhere includes that room');
  t.is(refusal(ZAP, 'ban', QW), null);
  t.regex(await refused(ZAP, 'revoke zappater@quakenet muted'), /You are muted/);
  await say(OWNER, 'revoke zappater@quakenet muted');
  t.is(refusal(ZAP, 'ban', NEWS), null);
});

test('access - nobody mutes those who have more, and owners stay able to undo it', async (t) => {
  const { say, refusal, refused } = await aGateway(t);
  await say(OWNER, 'grant zappater@quakenet operator');
  await say(OWNER, 'grant second@libera owner --network libera');
  t.regex(await refused(ZAP, 'grant owner@quakenet muted'), /by the config file/);
  t.regex(await refused(ZAP, 'grant second@libera muted'), /do not have owner/);
  await say(ZAP, 'grant troll@libera muted');
  t.not(refusal(account('troll@libera'), 'use', ALL), null);
  t.is(refusal(OWNER, 'ban', ALL), null);
});

test('access - an act that cannot be put on record is not done', async (t) => {
  const audit = async (): Promise<void> => {
    throw new Error('the stream is full');
  };
  const { refused, refusal } = await aGateway(t, undefined, { audit });
  t.regex(await refused(OWNER, 'grant zappater@quakenet moderator'), /on record.*Try again/);
  t.not(refusal(ZAP, 'ban', ALL), null);
});

test('access - what is written wrong is told with what to write', async (t) => {
  const { refused } = await aGateway(t, undefined, { permissions: () => ['matchmaking'] });
  const faults: readonly (readonly [string, RegExp])[] = [
    ['grant', /grant zappater@quakenet moderator/],
    ['grant zappater moderator', /a nick is anybody’s/],
    ['grant zappater@quakent moderator', /no network quakent. Did you mean "quakenet"/],
    ['grant zappater@quakenet moderater', /Did you mean "moderator"/],
    ['grant zappater@quakenet matchmakin', /Did you mean "matchmaking"/],
    ['grant zappater@quakenet user', /Everybody is user/],
    ['grant zappater@quakenet ban --room qukeworld', /Did you mean "quakeworld"/],
    ['grant zappater@quakenet ban --rom news', /Did you mean "room"/],
    ['grant zappater@quakenet ban --room ,', /--room takes 1-10 names/],
    ['grant zappater@quakenet ban --for 1d --until 2027-01-01', /not both/],
    ['grant irc:quakenet:host:a!b@c ban', /hostmask proves little/],
    ['grant mqtt:quakenet:client:x ban', /is no mqtt network/],
    ['grant identity:01JDA0000000000000000000AB ban', /Nobody has that identity/],
    ['revoke zappater@quakenet ban', /was not given "ban"/],
    ['revoke 01JDA0000000000000000000AB', /There is no grant/],
  ];
  for (const [text, expected] of faults) t.regex(await refused(OWNER, text), expected, text);
});

test('access - the same twice is told, one of several is revoked by its id', async (t) => {
  const { say, refused, refusal } = await aGateway(t);
  await say(OWNER, 'grant zappater@quakenet ban --room news,quakeworld');
  t.regex(await refused(OWNER, 'grant zappater@quakenet ban --room quakeworld,news'), /has that already/);
  const [line = ''] = await say(OWNER, 'grant zappater@quakenet ban --room ops');
  await say(OWNER, `revoke ${/grant (\w{26})/.exec(line)?.[1]?.toLowerCase()}`);
  t.is(refusal(ZAP, 'ban', NEWS), null);
  t.not(refusal(ZAP, 'ban', { network: null, room: 'ops' }), null);
});

test('access - whoami and roles tell what somebody has and why, to those it concerns', async (t) => {
  const { say, refused } = await aGateway(t, { owners: ['owner@quakenet'], channelOperators: 'moderator' });
  await say(OWNER, 'grant zappater@quakenet ban --room news for the cup');
  const there = { channel: '#quakeworld', rooms: ['quakeworld'], rank: 'operator' as const };
  const [who, grant, rank] = await say(account('zappater@quakenet', there), 'whoami');
  t.is(who, 'You are zappater@quakenet (irc:quakenet:account:zappater); quakenet vouches for it.');
  t.regex(grant ?? '', /permission "ban" in news, by owner@quakenet on .*\(for the cup\)/);
  t.regex(rank ?? '', /moderator for #quakeworld/);
  t.regex((await say(stranger('a!b@c', 'libera'), 'whoami'))[0] ?? '', /nobody vouches/);
  t.regex((await say(OWNER, 'whoami'))[1] ?? '', /owner everywhere, by the config file/);
  t.is((await say(ZAP, 'roles zappater@quakenet')).length, 1);
  t.is((await say(OWNER, 'roles zappater@quakenet')).length, 1);
  t.regex(await refused(account('a@libera'), 'roles zappater@quakenet'), /for those who may grant/);
  t.is((await say(account('a@libera'), 'roles')).length, 5);
});
