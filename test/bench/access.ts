import type { Grant } from '../../control-server/access/grant.js';
import { Rules, type RulesConfig } from '../../control-server/access/rules.js';
import { Table } from '../../control-server/access/table.js';
import type { Caller } from '../../control-server/call.js';
import { newId } from '../../src/message/index.js';
import type { Figure } from './report.js';

const GRANTS = 10_000;
const ROUNDS = 200_000;
const CONFIG: RulesConfig = {
  access: { owners: [], channelOperators: 'moderator' },
  networks: new Map(),
  rooms: new Map(),
};

/** One permission check with 10,000 grants, of somebody who has one, who has none, and who has all of them. */
export function access(): readonly Figure[] {
  const spread = rulesOf((i) => `person${i}`);
  const heaped = rulesOf(() => 'person0');
  const figure = (name: string, rules: Rules, who: string): Figure => ({
    section: 'access',
    name,
    value: checkUs(rules, callerOf(who)),
    unit: 'us',
    target: { sign: '<=', value: 50 },
  });
  return [
    figure('check, 10,000 grants, one of them theirs', spread, 'person5000'),
    figure('check, 10,000 grants, none of them theirs', spread, 'nobody'),
    figure('check, 10,000 grants, all of them theirs', heaped, 'person0'),
  ];
}

function rulesOf(person: (index: number) => string): Rules {
  const table = new Table();
  for (let i = 0; i < GRANTS; i++) table.setGrant(...entryOf(person(i), i));
  return new Rules(table, () => CONFIG, Date.now);
}

function entryOf(person: string, index: number): [string, Grant] {
  const id = newId();
  const scope = { rooms: [`room${index % 500}`], networks: [`net${index % 50}`] };
  const at = new Date().toISOString();
  return [
    id,
    { id, subject: `irc:net1:account:${person}`, gives: 'moderator', scope, by: 'bench', at, reason: '' },
  ];
}

function callerOf(name: string): Caller {
  return {
    author: `irc:net1:account:${name}`,
    name,
    verified: true,
    identity: null,
    network: 'net1',
    channel: '#r',
    rooms: ['room1'],
    person: name,
    rank: null,
    mask: null,
  };
}

/** The worst question: a refusal, which has to look at everything. */
function checkUs(rules: Rules, caller: Caller): number {
  const scope = { network: null, room: 'room3' };
  for (let i = 0; i < ROUNDS; i++) rules.refusal(caller, 'ban', scope);
  const startedMs = performance.now();
  for (let i = 0; i < ROUNDS; i++) rules.refusal(caller, 'ban', scope);
  return ((performance.now() - startedMs) / ROUNDS) * 1000;
}
