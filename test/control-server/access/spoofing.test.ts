import test from 'ava';
import type { Caller } from '../../../control-server/call.js';
import { account, aGateway, SAID_IN_PUBLIC, stranger } from './fixtures.js';

const OWNER = account('owner@quakenet');
const ALL = { network: null, room: null };
const HERE = { network: 'quakenet', room: 'quakeworld' };

test('access - who only looks like the account has nothing of it', async (t) => {
  const { say, refusal } = await aGateway(t, { owners: ['owner@quakenet', 'boss@libera'] });
  await say(OWNER, 'grant zappater@quakenet moderator');
  const others: Readonly<Record<string, Caller>> = {
    'the nick without the account': stranger('zappater!z@h', 'quakenet'),
    'another account under the nick': account('thief@quakenet', { name: 'zappater', person: 'zappater' }),
    'the account of another network': account('zappater@libera'),
    'another case': account('Zappater@quakenet'),
    'a Cyrillic letter': account('zаppater@quakenet'),
    'a letter that folds to the same in IRC': account('zappater^@quakenet'),
    'an invisible letter': account('zappater​@quakenet'),
    'the id, not vouched for': account('zappater@quakenet', { verified: false }),
    'the id, from another network': account('zappater@quakenet', { network: 'libera' }),
    'the id, over HTTP': account('zappater@quakenet', { network: null }),
    'a token of that name': account('', { author: 'http:quakenet:zappater', network: null }),
    'an owner’s name as a token': account('', { author: 'http:owner@quakenet:owner', network: null }),
    'a nick that is an id': stranger('irc:quakenet:account:zappater!a@b', 'quakenet'),
    'an identity claimed in the call': account('x@libera', { identity: 'irc:quakenet:account:zappater' }),
    'an author that is an identity': account('', { author: 'identity:quakenet:x', network: 'quakenet' }),
    'a server': account('', { author: 'irc:quakenet:server:zappater', network: 'quakenet' }),
  };
  for (const [what, caller] of Object.entries(others)) t.not(refusal(caller, 'ban', ALL), null, what);
  t.is(refusal(account('zappater@quakenet'), 'ban', ALL), null);
});

test('access - who is not logged in is told to log in', async (t) => {
  const { refusal, refused } = await aGateway(t);
  t.regex(refusal(stranger('a!b@c', 'libera'), 'ban', ALL) ?? '', /Log in to your account/);
  for (const text of ['link', 'link CODE', 'link confirm a@libera', 'unlink', 'claim CODE']) {
    t.regex(await refused(stranger('a!b@c', 'libera'), text), /Log in to your account/, text);
  }
});

test('access - a hostmask takes the flag, warns, and holds for that host on that network', async (t) => {
  const { say, refused, refusal, log } = await aGateway(t);
  t.regex(await refused(OWNER, 'grant *!*@Shell.example.org@libera moderator'), /--hostmask/);
  const lines = await say(OWNER, 'grant *!*@Shell.example.org@libera moderator --for 7d --hostmask');
  t.regex(lines[1] ?? '', /Warning: nobody vouches/);
  t.like(
    log.find(({ level }) => level === 'warn'),
    { message: 'granted to a hostmask, which nobody vouches for' },
  );
  t.is(refusal(stranger('any!one@shell.example.ORG', 'libera'), 'ban', ALL), null);
  t.not(refusal(stranger('any!one@shell.example.org', 'quakenet'), 'ban', ALL), null);
  t.not(refusal(stranger('any!one@xshell.example.org', 'libera'), 'ban', ALL), null);
  t.not(refusal(stranger('a!b@shell.example.org@c', 'libera'), 'ban', ALL), null);
  t.not(refusal(account('any@libera'), 'ban', ALL), null);
  await say(OWNER, 'revoke *!*@shell.example.org@libera moderator');
  t.not(refusal(stranger('any!one@shell.example.org', 'libera'), 'ban', ALL), null);
});

test('access - a hostmask may name nick and user, never a range of hosts, never an owner', async (t) => {
  const { say, refused, refusal } = await aGateway(t);
  await say(OWNER, 'grant zap!~z@h.example.org@libera ban --hostmask');
  t.is(refusal(stranger('zap!~z@h.example.org', 'libera'), 'ban', ALL), null);
  t.not(refusal(stranger('zap!z@h.example.org', 'libera'), 'ban', ALL), null);
  t.regex(await refused(OWNER, 'grant *!*@*@libera ban --hostmask'), /host without wildcards/);
  t.regex(await refused(OWNER, 'grant *!*@*.example.org@libera ban --hostmask'), /host without wildcards/);
  t.regex(await refused(OWNER, 'grant *!*@h.example.org@libera owner --hostmask'), /cannot be owner/);
});

test('access - who has rights by a hostmask cannot pass them on', async (t) => {
  const { say, refused, refusal } = await aGateway(t);
  await say(OWNER, 'grant *!*@h.example.org@libera operator --hostmask');
  const there = stranger('a!b@h.example.org', 'libera');
  t.is(refusal(there, 'join', ALL), null);
  t.regex(await refused(there, 'grant a@libera ban'), /Log in/);
  t.regex(await refused(there, 'revoke *!*@h.example.org@libera operator'), /Log in/);
});

test('access - a mute of a hostmask takes no rights that are not the caller’s to take', async (t) => {
  const { say, refused, refusal } = await aGateway(t);
  await say(OWNER, 'grant *!*@h.example.org@libera operator --hostmask');
  await say(OWNER, 'grant zappater@quakenet mute');
  await say(OWNER, 'grant zappater@quakenet grant');
  await say(OWNER, 'grant zappater@quakenet revoke');
  const zap = account('zappater@quakenet');
  t.regex(await refused(zap, 'grant a!*@h.example.org@libera muted --hostmask'), /do not have operator/);
  await say(OWNER, 'grant a!*@h.example.org@libera muted --hostmask');
  t.regex(refusal(stranger('a!b@h.example.org', 'libera'), 'use', ALL) ?? '', /muted/);
  t.is(refusal(stranger('c!b@h.example.org', 'libera'), 'join', ALL), null);
});

test('access - an operator of a channel has the role for that channel, if the config says so', async (t) => {
  const op = (changes: Partial<Caller>) =>
    account('zappater@quakenet', { ...SAID_IN_PUBLIC, rank: 'operator', ...changes });
  const off = await aGateway(t, {});
  t.not(off.refusal(op({}), 'ban', HERE), null);
  const { refusal, refused, mayAnywhere } = await aGateway(t, { channelOperators: 'operator' });
  t.is(refusal(op({}), 'ban', HERE), null);
  t.true(mayAnywhere(op({}), 'ban'));
  const denied: Readonly<Record<string, string | null>> = {
    voice: refusal(op({ rank: 'voice' }), 'ban', HERE),
    'not logged in': refusal(op({ verified: false }), 'ban', HERE),
    'said in private': refusal(op({ channel: null, rooms: [] }), 'ban', HERE),
    'the whole room': refusal(op({}), 'ban', { network: null, room: 'quakeworld' }),
    'another network of the room': refusal(op({}), 'ban', { network: 'libera', room: 'quakeworld' }),
    'another room': refusal(op({}), 'ban', { network: 'quakenet', room: 'news' }),
    'the network': refusal(op({}), 'ban', { network: 'quakenet', room: null }),
    everywhere: refusal(op({}), 'ban', ALL),
    'a channel that the room has beside it': refusal(op({ channel: '#ops', rooms: ['ops'] }), 'ban', {
      network: 'quakenet',
      room: 'ops',
    }),
    'another channel that said to be in the room': refusal(op({ channel: '#mine' }), 'ban', HERE),
    'what the role has not': refusal(op({}), 'reload', HERE),
    'giving rights away': refusal(op({}), 'grant', HERE),
  };
  for (const [what, refused] of Object.entries(denied)) t.not(refused, null, what);
  t.regex(
    await refused(op({}), 'grant a@quakenet ban --network quakenet --room quakeworld'),
    /permission "grant"/,
  );
});
