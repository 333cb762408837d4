import test from 'ava';
import { Answers } from '../../control-server/answers.js';
import type { Answer, Call } from '../../control-server/call.js';
import { Catalogue } from '../../control-server/catalogue.js';
import { type Access, type Command, CommandError } from '../../control-server/command.js';
import { info } from '../../control-server/commands/info.js';
import { Front } from '../../control-server/front.js';
import { ParleyError } from '../../src/errors.js';
import type { HeardLine } from '../../src/gate.js';
import { silentLogger } from '../../src/log.js';
import { newId, type ParleyEvent } from '../../src/message/index.js';
import { until } from '../peers/index.js';

interface Said {
  readonly to: string;
  readonly text: string;
}

/** A front whose networks are a list of what was said. */
function frontWith(commands: readonly Command[], access: Partial<Access> = {}) {
  const said: Said[] = [];
  const clock = { nowMs: 0 };
  const bus = {
    state: 'connected' as const,
    commands: {
      serve: () => ({ closed: new Promise<void>(() => {}), stop: async () => {} }),
      find: async () => [{ name: 'far', service: 'elsewhere', metadata: { help: 'Far away.' } }],
      call: async () => {
        throw new ParleyError('BACKBONE_UNAVAILABLE', 'nobody answers');
      },
    },
  };
  const catalogue = new Catalogue(bus, silentLogger);
  catalogue.set(commands);
  const answers = new Answers({
    gateway: 'test',
    log: silentLogger,
    say: async (event) => said.push({ to: event.subject, text: event.data.text }),
    whisper: async (network, person, text) => void said.push({ to: `${person}@${network}`, text }),
  });
  const front = new Front({
    bus,
    catalogue,
    access: {
      refusal: () => null,
      mayAnywhere: () => true,
      identityOf: () => null,
      roleOf: () => 'user',
      ...access,
    },
    answers,
    log: silentLogger,
    prefixes: () => ['!'],
    self: () => 'parley',
    identify: async () => null,
    timeoutMs: () => 100,
    isSilenced: () => false,
    nowMs: () => clock.nowMs,
  });
  return { front, said, clock, catalogue };
}

function line(text: string, more: Partial<HeardLine> = {}): HeardLine {
  const author = { id: 'irc:one:account:alice', name: 'alice', verified: true };
  const event: ParleyEvent = {
    specversion: '1.0',
    id: newId(),
    source: '/networks/one/channels/=23a',
    type: 'chat.message',
    subject: 'lobby',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      author,
      text,
      markup: 'plain',
      native: { id: null, channel: '#a' },
      replyTo: null,
      attachments: [],
      hops: ['one'],
    },
  };
  return {
    network: 'one',
    channel: '#a',
    events: [event],
    author,
    text,
    self: 'parley',
    person: 'alice',
    rank: null,
    mask: null,
    ...more,
  };
}

/** All promises that can settle without a timer have. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

function command(name: string, run: (call: Call) => Answer, more: Partial<Command['info']> = {}): Command {
  return { info: info({ name, help: 'A trial.', ...more }), run };
}

const echo = command('echo', ({ text }) => ({ lines: [text] }));

test('front - a short answer is for the room, a long one for the caller alone, in pages', async (t) => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  const { front, said } = frontWith([echo, command('long', () => ({ lines }))]);
  front.heard(line('!echo hello'));
  front.heard(line('!long'));
  await settled();
  t.deepEqual(said[0], { to: 'lobby', text: 'hello' });
  t.is(said.length, 1 + 9);
  t.deepEqual(said.at(-1), { to: 'alice@one', text: '… 12 more lines: say "more".' });
});

test('front - where nobody can be told anything alone, a long answer is cut', async (t) => {
  const { front, said } = frontWith([command('long', () => ({ lines: ['1', '2', '3', '4', '5', '6'] }))]);
  front.heard(line('!long', { person: null, network: null }));
  await settled();
  t.deepEqual(said, [
    { to: 'lobby', text: '1\n2\n3\n… 3 more lines; ask again where an answer can be given alone.' },
  ]);
});

test('front - a bot is not answered', async (t) => {
  const { front, said } = frontWith([echo]);
  front.heard(
    line('!echo hi', { author: { id: 'irc:one:host:b!b@b', name: 'b', verified: false, bot: true } }),
  );
  await settled();
  t.deepEqual(said, []);
});

test('front - a flood of one person is dropped after a word, and others are not held up', async (t) => {
  const { front, said, clock } = frontWith([echo]);
  for (let i = 0; i < 10_000; i += 1) front.heard(line('!echo spam'));
  const bob = { id: 'irc:one:account:bob', name: 'bob', verified: true };
  front.heard(line('!echo mine', { author: bob }));
  await settled();
  t.is(said.filter(({ text }) => text === 'spam').length, 5);
  t.is(said.filter(({ text }) => /Too many/.test(text)).length, 1);
  t.is(said.filter(({ text }) => text === 'mine').length, 1);
  t.is(front.counters.dropped, 9_995);
  clock.nowMs += 2000;
  front.heard(line('!echo again'));
  await settled();
  t.is(said.at(-1)?.text, 'again');
});

test('front - a cooldown is told, and over in time', async (t) => {
  const { front, said, clock } = frontWith([
    command('slow', () => ({ lines: ['done'] }), { cooldownMs: 3000 }),
  ]);
  front.heard(line('!slow'));
  await settled();
  front.heard(line('!slow'));
  await settled();
  t.deepEqual(
    said.map(({ text }) => text),
    ['done', '"slow" again in 3 s.'],
  );
  clock.nowMs += 3000;
  front.heard(line('!slow'));
  await settled();
  t.is(said.at(-1)?.text, 'done');
});

test('front - who may not is told alone, and the command does not run', async (t) => {
  let ran = false;
  const run = () => {
    ran = true;
    return { lines: ['ran'] };
  };
  const secret = command('secret', run, { permission: 'secret' });
  const { front, said } = frontWith([secret], {
    mayAnywhere: () => false,
    refusal: (_, permission) => (permission === 'use' ? null : `You may not ${permission}.`),
  });
  front.heard(line('!secret'));
  await settled();
  t.false(ran);
  t.deepEqual(said, [{ to: 'alice@one', text: 'You may not secret.' }]);
});

test('front - what is for private talk only is refused in a room', async (t) => {
  const { front, said } = frontWith([command('claim', () => ({ lines: ['yours'] }), { privateOnly: true })]);
  front.heard(line('!claim code'));
  await settled();
  t.regex(said[0]?.text ?? '', /Say it to me alone/);
  front.addressed('one', { author: line('').author, person: 'alice', text: 'claim code' });
  await settled();
  t.deepEqual(said.at(-1), { to: 'alice@one', text: 'yours' });
});

test('front - what nobody knows is told to who addressed us, with what it may have been', async (t) => {
  const { front, said, catalogue } = frontWith([echo]);
  await catalogue.refresh();
  front.addressed('one', { author: line('').author, person: 'alice', text: 'ecko' });
  await until(() => said.length > 0, { what: 'an answer' });
  t.is(said[0]?.text, 'I know no command "ecko". Did you mean "echo"? Say "help" for all.');
});

test('front - a service that does not answer is said so', async (t) => {
  const { front, said, catalogue } = frontWith([]);
  await catalogue.refresh();
  front.heard(line('!far'));
  await settled();
  t.is(said[0]?.text, '"far" does not answer now. Try again in a while.');
});

test('front - a command that fails of itself tells no more than that', async (t) => {
  const broken = command('broken', () => {
    throw new Error('the password is hunter2');
  });
  const wrong = command('wrong', () => {
    throw new CommandError('Write a number.');
  });
  const { front, said } = frontWith([broken, wrong]);
  front.heard(line('!broken'));
  front.heard(line('!wrong'));
  await settled();
  t.deepEqual(
    said.map(({ text }) => text),
    ['"broken" failed; the log of the gateway says why.', 'Write a number.'],
  );
});
