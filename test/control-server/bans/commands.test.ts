import test from 'ava';
import fc from 'fast-check';
import { GLOB, MASK } from '../../../control-server/bans/stored.js';
import { CommandError } from '../../../control-server/command.js';
import { startNats } from '../../peers/nats.js';
import { callOf, type Gateway, idIn, MOD, openGateway } from './fixtures.js';

const BOB = 'irc:quakenet:account:bob';
const refused = (message: RegExp) => ({ instanceOf: CommandError, message });

async function gateway(t: Parameters<typeof openGateway>[0]): Promise<Gateway> {
  return openGateway(t, (await startNats(t)).address);
}

test('ban - keeps a person out by all their accounts, in the room where it was said', async (t) => {
  const { run, refusal, acts } = await gateway(t);
  refusal(BOB, { name: 'Bob' });
  const answer = await run('ban bob --for 2h flooding the room');
  t.regex(
    answer.lines[0] ?? '',
    /^b\w{5}: banned irc:quakenet:account:bob and linked accounts in quakeworld for 2h\. Undo: unban b\w{5}$/,
  );
  t.is(refusal(BOB), 'banned');
  t.is(refusal('mqtt:app:client:bob', { network: 'app' }), 'banned');
  t.is(refusal(BOB, { room: 'dev' }), null);
  t.is(refusal('irc:quakenet:account:carol'), null);
  const [act] = acts;
  t.is(act?.action, 'ban');
  t.is(act?.outcome, 'done');
  t.is(act?.from, 'irc:quakenet');
  t.is(act?.detail.reason, 'flooding the room');
});

test('ban - hides coming and going, a mute does not; to delete is left to both', async (t) => {
  const { run, refusal } = await gateway(t);
  await run('ban irc:quakenet:account:dan --everywhere');
  await run('mute irc:quakenet:account:eve --everywhere');
  const [dan, eve] = ['irc:quakenet:account:dan', 'irc:quakenet:account:eve'];
  t.is(refusal(dan, { type: 'member.join' }), 'banned');
  t.is(refusal(eve, { type: 'member.join' }), null);
  t.is(refusal(eve, { type: 'room.topic' }), 'muted');
  t.is(refusal(dan, { type: 'chat.delete' }), null);
});

test('unban - by id, by name or by what was banned, and says what it lifted', async (t) => {
  const { run, refusal, acts } = await gateway(t);
  refusal(BOB, { name: 'bob' });
  for (const word of ['id', 'BOB', BOB]) {
    const id = idIn(await run('ban bob'));
    const { lines } = await run(`unban ${word === 'id' ? id : word} said sorry`);
    t.is(lines[0], `${id}: lifted the ban of ${BOB} and linked accounts in quakeworld.`);
    t.is(refusal(BOB), null);
  }
  t.is(acts.filter(({ action }) => action === 'unban').length, 3);
  await t.throwsAsync(run('unban bob'), refused(/"bans" lists/));
});

test('mute - lasts an hour unless said otherwise, for commands told to us alone as well', async (t) => {
  let now = Date.now();
  const { address } = await startNats(t);
  const { run, refusal, bans } = await openGateway(t, address, { clock: () => now });
  await run('mute irc:quakenet:account:dan --everywhere');
  const { caller } = callOf('say', [], {}, { author: 'irc:quakenet:account:dan', rooms: [], channel: null });
  t.is(refusal(caller.author), 'muted');
  t.is(bans.silences(caller, null), 'muted');
  now += 3_600_000;
  t.is(refusal(caller.author), null);
  t.is(bans.silences(caller, null), null);
  await run('mute irc:quakenet:account:dan');
  t.is(bans.silences(caller, null), null);
  t.is(bans.silences(caller, 'quakeworld'), 'muted');
  await run('ban *!*@home.example --network quakenet');
  t.is(bans.silences({ ...caller, mask: 'dan!~d@home.example' }, null), 'banned');
});

test('ban - somebody without an account is met by host, a pattern by nick, mask, address or text', async (t) => {
  const { run, refusal } = await gateway(t);
  const eve = 'irc:quakenet:host:eve!~e@evil.example';
  refusal(eve, { name: 'eve' });
  t.regex((await run('ban eve')).lines[0] ?? '', /banned \*!\*@evil\.example in quakeworld/);
  t.is(refusal('irc:quakenet:host:eve2!~x@Evil.Example'), 'banned');
  await run('ban spam* --nick');
  t.is(refusal('irc:quakenet:account:x', { name: 'SpamBot' }), 'banned');
  await run('ban 192.0.2.0/24');
  t.is(refusal('qw:server:player:x', { mask: 'x!3@192.0.2.77' }), 'banned');
  await run('ban *!*@*.dialup.example');
  t.is(refusal('irc:quakenet:account:y', { mask: 'y!u@p7.dialup.example' }), 'banned');
  await run('mute cheap\\s+pills --text');
  t.is(refusal('irc:quakenet:account:z', { text: 'Cheap  PILLS here' }), 'muted');
  t.is(refusal('irc:quakenet:account:z', { text: 'pills' }), null);
});

test('ban - a dry run refuses nothing, counts, and says what it would have hit', async (t) => {
  const { run, refusal } = await gateway(t);
  refusal('irc:quakenet:account:x', { text: 'buy gold' });
  const answer = await run('ban gold --text --dry-run');
  t.regex(answer.lines[0] ?? '', /only counted, not banned text \/gold\//);
  t.regex(answer.lines[1] ?? '', /1 of the last 1 line \(100 %\) by "x"/);
  t.is(refusal('irc:quakenet:account:x', { text: 'gold!' }), null);
  t.regex((await run(`bans ${idIn(answer)}`)).lines.join('\n'), /Would have refused 1 event/);
});

test('guards - nobody bans an owner, a higher role, themselves, or where they may not', async (t) => {
  const { run, acts } = await gateway(t);
  await t.throwsAsync(run('ban irc:quakenet:account:owen'), refused(/is an owner.*Revoke/));
  await t.throwsAsync(
    run('ban irc:quakenet:account:opal', MOD),
    refused(/is operator, which is more than you are\. Ask/),
  );
  await t.throwsAsync(run('ban irc:quakenet:account:opal'), refused(/That is you\. Name/));
  await t.throwsAsync(
    run('ban irc:quakenet:account:x --everywhere', MOD),
    refused(/may not ban there\. Ask/),
  );
  await t.throwsAsync(run('ban irc:quakenet:account:x --room dev', MOD), refused(/may not ban there\. Ask/));
  await t.throwsAsync(
    run('ban irc:quakenet:account:x', { ...MOD, verified: false }),
    refused(/may not ban there/),
  );
  await t.notThrowsAsync(run('ban irc:quakenet:account:x', MOD));
  t.deepEqual(
    acts.map(({ outcome }) => outcome),
    ['refused', 'refused', 'refused', 'refused', 'refused', 'refused', 'done'],
  );
});

test('guards - nobody lifts what a higher role has set', async (t) => {
  const { run } = await gateway(t);
  const id = idIn(await run('ban irc:quakenet:account:x'));
  await t.throwsAsync(
    run(`unban ${id}`, MOD),
    refused(/role operator, which is more than yours\. Ask "opal"/),
  );
});

test('guards - a wide pattern shows what it would have hit and wants --force', async (t) => {
  const { run, refusal } = await gateway(t);
  await t.throwsAsync(run('ban * --nick'), refused(/matches you\. Add --force .* --dry-run/));
  for (let n = 0; n < 30; n += 1) {
    refusal(`irc:quakenet:account:u${n % 6}`, { text: n % 2 === 0 ? 'the game' : 'a map' });
  }
  await t.throwsAsync(
    run('ban game --text'),
    refused(/15 of the last 30 lines \(50 %\) by "u4", "u2", "u0"\. Add/),
  );
  await t.notThrowsAsync(run('ban nothing\\slike\\sit --text'));
  refusal('irc:quakenet:host:op!o@shared.example', { name: 'op', rank: 'operator' });
  await t.throwsAsync(run('ban *!*@shared.example'), refused(/"op", an operator/));
  t.regex((await run('ban game --text --force')).lines[1] ?? '', /15 of the last/);
  t.is(refusal('irc:quakenet:account:u1', { text: 'the game' }), 'banned');
});

test('guards - a forced pattern has no power over those above who made it', async (t) => {
  const { run, refusal } = await gateway(t);
  await run('ban o* --nick --force', MOD);
  t.is(refusal('irc:quakenet:account:owen', { name: 'owen' }), null);
  t.is(refusal('irc:quakenet:account:opal', { name: 'opal' }), null);
  t.is(refusal('irc:quakenet:account:oscar', { name: 'oscar' }), 'banned');
  t.is(refusal('irc:quakenet:account:owen', { name: 'owen', verified: false }), 'banned');
});

test('ban - says what is missing and what to do', async (t) => {
  const { run, refusal } = await gateway(t);
  refusal('irc:quakenet:account:kim', { name: 'kim' });
  refusal('irc:freenode:account:kim', { name: 'Kim', network: 'freenode' });
  await t.throwsAsync(run('ban'), refused(/Say whom/));
  await t.throwsAsync(run('ban nobody'), refused(/--nick to match/));
  await t.throwsAsync(run('ban kim'), refused(/Several people.*Write which: irc:\S+ or irc:\S+\.$/));
  await t.throwsAsync(run('ban x --nick --text'), refused(/Use one of --nick and --text/));
  await t.throwsAsync(run('ban irc:a:account:x --for soon'), refused(/Write 30m/));
  await t.throwsAsync(run('ban irc:a:account:x --room nowhere'), refused(/There are: quakeworld, dev/));
  await t.throwsAsync(run('ban irc:a:account:x', { rooms: [] }), refused(/Say where: --room/));
  await t.throwsAsync(run('ban irc:a:account:x', { rooms: ['a', 'b'] }), refused(/--room a or --room b/));
  await run('ban irc:a:account:x');
  await t.throwsAsync(run('ban irc:a:account:x'), refused(/does that already.*unban b/));
});

test('bans - lists those in force, with --all the ended ones, and one in full', async (t) => {
  let now = Date.now();
  const { address } = await startNats(t);
  const { run, refusal } = await openGateway(t, address, { clock: () => now });
  t.deepEqual((await run('bans')).lines, ['No bans or mutes are in force.']);
  const first = idIn(await run('ban irc:quakenet:account:x --for 1h spam'));
  const second = idIn(await run('mute irc:quakenet:account:y --for 3h'));
  refusal('irc:quakenet:account:x');
  t.deepEqual((await run('bans')).lines, [
    `${second} mute irc:quakenet:account:y in quakeworld, 3h left, by opal`,
    `${first} ban irc:quakenet:account:x in quakeworld, 1h left, by opal: spam (1 hit here)`,
  ]);
  now += 2 * 3_600_000;
  t.is((await run('bans')).lines.length, 1);
  t.regex(
    (await run('bans --all irc:quakenet:account:x')).lines[0] ?? '',
    /, expired \d{4}-.* UTC, by opal: spam/,
  );
  const full = (await run(`bans ${first}`)).lines;
  t.regex(full[1] ?? '', /^Set \d{4}-.* by irc:quakenet:account:opal, until/);
  t.regex(full[2] ?? '', /^Refused 1 event, the last/);
  await t.throwsAsync(run('bans zoe'), refused(/No ban of "zoe" is in force\. "bans --all"/));
});

test('bans - shows nobody where somebody lives but who asked', async (t) => {
  const { run } = await gateway(t);
  t.true((await run('ban 192.0.2.7')).private);
  t.true((await run('bans')).private);
  t.deepEqual((await run('bans', { author: 'irc:quakenet:account:guest' })).lines, [
    'No bans or mutes are in force.',
  ]);
});

test('ban - what people write never becomes a second line, word or mode of a protocol', async (t) => {
  const { run, bans } = await gateway(t);
  const mode = bans.commands.find(({ info }) => info.name === 'ban');
  const nasty = [
    'a!b@c +o me',
    'a!b@c\r\nQUIT',
    ':x!y@z',
    '-a!b@c',
    '$a:x!y@z',
    '~a:x!y@z',
    'm:x!y@z',
    'a,b!c@d',
    'a!b@c,d',
  ];
  for (const word of nasty) {
    await t.throwsAsync(
      async () => mode?.run(callOf('ban', [word], { mask: true, force: true })),
      refused(/no hostmask/),
    );
  }
  await run('ban irc:a:account:x');
  const evil = await mode?.run(callOf('ban', ['irc:a:account:e', 'x\r\nQUIT :bye\u0007', '\u202eabc'], {}));
  const listed = (await run('bans')).lines;
  for (const line of [...(evil?.lines ?? []), ...listed]) t.notRegex(line, /[\p{Cc}]/u);
  const awkward = fc.string({
    unit: fc.constantFrom(...' \r\n\t\0,:!@$~+-*?ax\u202e\u2028ä'),
    maxLength: 12,
  });
  const isHarmless = (text: string) =>
    (!MASK.test(text) || /^[^\s:$~,+-][^\s,:]*![^\s,]+@[^\s,]+$/u.test(text)) &&
    (!GLOB.test(text) || /^\S+$/u.test(text));
  fc.assert(
    fc.property(awkward, awkward, (a, b) =>
      [a, b, `${a}!${b}@c`, `${b}!a@${a}`, `*!*@${a}`].every(isHarmless),
    ),
    { numRuns: 2_000 },
  );
});
