import test from 'ava';
import fc from 'fast-check';
import { type Grant, readGrant } from '../../../control-server/access/grant.js';
import { permissionsOf, ROLES } from '../../../control-server/access/roles.js';
import { Rules } from '../../../control-server/access/rules.js';
import { accountNamed, hostmaskNamed, isVouchedFor, shown } from '../../../control-server/access/subject.js';
import { Table } from '../../../control-server/access/table.js';
import type { Caller } from '../../../control-server/call.js';
import { CommandError, type Scope } from '../../../control-server/command.js';
import { newId } from '../../../src/message/index.js';
import { account, configOf, stranger } from './fixtures.js';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const NETWORKS = ['quakenet', 'libera'];
const ROOMS = ['quakeworld', 'news'];
const ACCOUNTS = ['a@quakenet', 'a@libera', 'b@quakenet', 'b@libera'];
const SOURCES = ['a!u@h', 'b!u@h', 'a!v@h', 'a!u@i'];
const MASKS = ['*!*@h', 'a!*@h', '*!u@h', 'a!u@i'];
const WORDS = [...ROLES.filter((role) => role !== 'user'), 'ban', 'say', 'reload', 'grant', 'matchmaking'];
const PERMISSIONS = ['ban', 'say', 'reload', 'grant', 'use', 'matchmaking'];

const some = (names: readonly string[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }), { nil: undefined });
const subject = fc.oneof(
  fc.constantFrom(...ACCOUNTS).map((who) => account(who).author),
  fc
    .tuple(fc.constantFrom(...MASKS), fc.constantFrom(...NETWORKS))
    .map(([mask, network]) => `hostmask:${network}:${mask}`),
  fc.constantFrom('identity:1', 'identity:2'),
);
const grant: fc.Arbitrary<Grant> = fc
  .record({
    subject,
    gives: fc.constantFrom(...WORDS),
    scope: fc.record({
      networks: some(NETWORKS),
      rooms: some(ROOMS),
      commands: some(['ban', 'unban', 'say']),
    }),
    until: fc.constantFrom(undefined, new Date(NOW + 1).toISOString(), new Date(NOW).toISOString()),
  })
  .map((own) => ({ id: newId(), by: 'x', at: new Date(NOW).toISOString(), reason: '', ...own }));
const caller: fc.Arbitrary<Caller> = fc.oneof(
  fc.constantFrom(...ACCOUNTS).map((who) => account(who)),
  fc.constantFrom(...ACCOUNTS).map((who) => account(who, { verified: false })),
  fc
    .tuple(fc.constantFrom(...SOURCES), fc.constantFrom(...NETWORKS))
    .map(([source, network]) => stranger(source, network)),
);
const members = fc.dictionary(
  fc.constantFrom(...ACCOUNTS.map((who) => account(who).author)),
  fc.constantFrom('1', '2'),
);
const scope: fc.Arbitrary<Scope> = fc.record(
  {
    network: fc.constantFrom(null, ...NETWORKS),
    room: fc.constantFrom(null, ...ROOMS),
    command: fc.constantFrom('ban', 'unban'),
  },
  { requiredKeys: ['network', 'room'] },
);

/** As docs/control.md says it, one grant after the other. */
function mayByTheBook(
  grants: readonly Grant[],
  linked: Readonly<Record<string, string>>,
  who: Caller,
  permission: string,
  where: Scope,
): boolean {
  const living = grants.filter(({ until }) => until === undefined || Date.parse(until) > NOW);
  const theirs = living.filter((each) => isTheirs(each.subject, linked, who));
  const isOwner = theirs.some(
    ({ gives, scope: s }) => gives === 'owner' && !s.networks && !s.rooms && !s.commands,
  );
  const command = where.command ?? permission;
  const has = (names: readonly string[] | undefined, name: string | null) =>
    names === undefined || (name !== null && names.includes(name));
  const touches = (names: readonly string[] | undefined, name: string | null) =>
    names === undefined || name === null || names.includes(name);
  const isMuted = theirs.some(
    ({ gives, scope: s }) =>
      gives === 'muted' &&
      touches(s.networks, where.network) &&
      touches(s.rooms, where.room) &&
      touches(s.commands, command),
  );
  if (isMuted && !isOwner) return false;
  if (permissionsOf('user').includes(permission)) return true;
  return theirs.some(({ gives, scope: s }) => {
    const gets = gives === permission || gives === 'owner' || permissionsOfWord(gives).includes(permission);
    return gets && has(s.networks, where.network) && has(s.rooms, where.room) && has(s.commands, command);
  });
}

function permissionsOfWord(word: string): readonly string[] {
  const role = ROLES.find((each) => each === word);
  return role === undefined ? [] : permissionsOf(role);
}

function isTheirs(to: string, linked: Readonly<Record<string, string>>, who: Caller): boolean {
  if (!who.verified) {
    const [, network, mask] = /^hostmask:(\w+):(.+)$/.exec(to) ?? [];
    const [nick, user, host] = mask?.split(/[!@]/) ?? [];
    const [n, u, h] = who.author.replace(/^irc:\w+:host:/, '').split(/[!@]/);
    return (
      network === who.network && host === h && (nick === '*' || nick === n) && (user === '*' || user === u)
    );
  }
  const identity = linked[who.author];
  if (identity === undefined) return to === who.author;
  return to === `identity:${identity}` || to === who.author || linked[to] === identity;
}

function tableOf(grants: readonly Grant[], linked: Readonly<Record<string, string>>): Table {
  const table = new Table();
  for (const each of grants) table.setGrant(each.id, each);
  for (const [author, identity] of Object.entries(linked)) table.setIdentity(author, identity);
  return table;
}

test('rules - the compiled table answers as the book does', (t) => {
  fc.assert(
    fc.property(
      fc.array(grant, { maxLength: 6 }),
      members,
      caller,
      fc.constantFrom(...PERMISSIONS),
      scope,
      (grants, linked, who, permission, where) => {
        const rules = new Rules(
          tableOf(grants, linked),
          () => configOf(),
          () => NOW,
        );
        const may = rules.refusal(who, permission, where) === null;
        return (
          may === mayByTheBook(grants, linked, who, permission, where) &&
          (!may || rules.mayAnywhere(who, permission))
        );
      },
    ),
    { numRuns: 5000 },
  );
  t.pass();
});

test('rules - a table that has changed answers as one made anew', (t) => {
  fc.assert(
    fc.property(
      fc.array(grant, { minLength: 1, maxLength: 6 }),
      fc.array(grant, { maxLength: 4 }),
      members,
      members,
      caller,
      scope,
      (gone, grants, before, linked, who, where) => {
        const table = tableOf([...gone, ...grants], before);
        const rules = new Rules(
          table,
          () => configOf(),
          () => NOW,
        );
        rules.refusal(who, 'ban', where);
        for (const each of gone) table.setGrant(each.id, null);
        for (const author of Object.keys(before)) table.setIdentity(author, null);
        for (const [author, identity] of Object.entries(linked)) table.setIdentity(author, identity);
        const anew = new Rules(
          tableOf(grants, linked),
          () => configOf(),
          () => NOW,
        );
        return rules.refusal(who, 'ban', where) === anew.refusal(who, 'ban', where);
      },
    ),
  );
  t.pass();
});

test('rules - whatever is typed names an account on a network of the config, or nobody', (t) => {
  const { networks } = configOf();
  const word = fc.constantFrom(
    'irc',
    'http',
    'quakenet',
    'libera',
    ':',
    '@',
    '!',
    '*',
    'account',
    'host',
    'identity',
    'a',
    'é',
    ' ',
    '\u200b',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word, { maxLength: 9 }).map((words) => words.join('')),
  );
  const named = (name: (text: string, from: typeof networks) => string, typed: string) => {
    try {
      return name(typed, networks);
    } catch (error) {
      if (error instanceof CommandError) return null;
      throw error;
    }
  };
  fc.assert(
    fc.property(text, (typed) => {
      const id = named(accountNamed, typed);
      const mask = named(hostmaskNamed, typed);
      const [kind, network = ''] = (id ?? '').split(':');
      const isPlaced =
        id === null || kind === 'http' || kind === 'cli' || (kind === 'irc' && networks.has(network));
      const isMask =
        mask === null || (mask.startsWith('hostmask:') && !isVouchedFor(account('', { author: mask })));
      return isPlaced && isMask && !/[\p{C}]/u.test(shown(typed));
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('rules - whatever lies in the bucket under another shape gives nothing', (t) => {
  const good: Grant = {
    id: newId(),
    subject: 'irc:quakenet:account:a',
    gives: 'owner',
    scope: {},
    by: 'x',
    at: new Date(NOW).toISOString(),
    reason: '',
  };
  t.deepEqual(readGrant(good.id, good), good);
  t.is(readGrant('another key', good), null);
  const bad = [
    { scope: { rooms: [] } },
    { scope: { room: 'x' } },
    { until: 'later' },
    { gives: '*' },
    { subject: 1 },
  ];
  for (const change of bad) t.is(readGrant(good.id, { ...good, ...change }), null);
  fc.assert(fc.property(fc.anything(), (value) => readGrant(good.id, value) === null));
});
