import test from 'ava';
import fc from 'fast-check';
import { until } from '../peers/index.js';
import { type Answer, fail, ok, setup, turn } from './dispatcher-stage.js';

test('dispatcher - keeps what is said before the network is there', async (t) => {
  const { say, connect, said, settled } = setup();
  say('one');
  say('two');
  connect(ok);
  await turn();
  t.deepEqual(said, ['one', 'two']);
  t.deepEqual(settled, ['one', 'two']);
});

test('dispatcher - who could not be told anything for a moment is told later', async (t) => {
  t.timeout(30_000);
  const { whisper, connect, said } = setup();
  let tries = 0;
  connect((message) => {
    tries += 1;
    return tries === 1 ? fail('unavailable')(message) : ok(message);
  });
  whisper('answer');
  await until(() => said.length > 0, { what: 'the second try' });
  t.deepEqual(said, ['answer']);
});

test('dispatcher - channels take turns, a paste stays in order', async (t) => {
  const { say, connect, said } = setup();
  say('1\n2\n3\n4', '#a');
  say('x', '#b');
  connect(ok);
  await turn();
  t.deepEqual(said, ['1', 'x', '2', '3', '4']);
});

test('dispatcher - a channel that cannot take anything does not hold back another', async (t) => {
  const { dispatcher, say, connect, said } = setup();
  let stuck = true;
  say('one', '#a');
  say('two', '#a');
  connect((message) => (message.channel === '#a' && stuck ? fail('unavailable')(message) : ok(message)));
  say('x', '#b');
  await turn();
  t.deepEqual(said, ['x']);
  t.deepEqual(dispatcher.queued().held, ['#a']);
  stuck = false;
  dispatcher.release('#a');
  await turn();
  t.deepEqual(said, ['x', 'one', 'two']);
  dispatcher.stop();
});

test('dispatcher - says everything in order again after a lost connection', async (t) => {
  const { dispatcher, say, connect, said, settled } = setup();
  connect(fail('unavailable'));
  for (let i = 0; i < 20; i++) say(String(i));
  dispatcher.disconnected();
  await turn();
  t.deepEqual(settled, []);
  connect(ok);
  await turn();
  t.deepEqual(
    said,
    Array.from({ length: 20 }, (_, i) => String(i)),
  );
  t.is(settled.length, 20);
});

test('dispatcher - "maybe sent" is tried once more, then dead-lettered', async (t) => {
  const { dispatcher, say, connect, said, buried, settled } = setup();
  connect(fail('unknown'));
  say('one');
  dispatcher.disconnected();
  await turn();
  t.deepEqual([buried, settled], [[], []]);
  connect(fail('unknown'));
  await turn();
  t.deepEqual([said, buried, settled], [[], ['one'], ['one']]);
});

test('dispatcher - "maybe sent" twice over a connection that stays is dead-lettered too', async (t) => {
  const { dispatcher, say, connect, buried, settled } = setup();
  let tries = 0;
  connect((message) => {
    tries += 1;
    return fail('unknown')(message);
  });
  say('one');
  await turn();
  t.deepEqual(dispatcher.queued().held, ['#a']);
  dispatcher.release('#a');
  await turn();
  t.deepEqual([tries, buried, settled], [2, ['one'], ['one']]);
});

test('dispatcher - three parts lost with one connection are one "maybe sent"', async (t) => {
  const { dispatcher, say, connect, said, buried } = setup();
  connect(fail('unknown'));
  say('1\n2\n3');
  dispatcher.disconnected();
  await turn();
  connect(ok);
  await turn();
  t.deepEqual([said, buried], [['1', '2', '3'], []]);
});

test('dispatcher - a rejected message is dead-lettered and the next one is said', async (t) => {
  const { say, connect, said, buried, settled } = setup();
  connect((message) => (message.text === 'bad' ? fail('rejected')(message) : ok(message)));
  say('bad');
  say('good');
  await turn();
  t.deepEqual([said, buried], [['good'], ['bad']]);
  t.deepEqual([...settled].sort(), ['bad', 'good']);
});

test('dispatcher - a rejected part takes the rest of its message with it, once', async (t) => {
  const { say, connect, said, buried, settled } = setup();
  connect((message) => (message.part.index === 1 ? fail('rejected')(message) : ok(message)));
  say('1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12');
  say('next');
  await turn();
  t.is(buried.length, 1);
  t.is(settled.length, 2);
  t.true(said.includes('next'));
  t.false(said.includes('12'));
});

test('dispatcher - what is too old becomes one digest line before the newer', async (t) => {
  const { say, connect, said, settled } = setup();
  say('old 1', '#a', 120_000);
  say('old 2', '#a', 120_000);
  say('new');
  connect(ok);
  await turn();
  t.is(said.length, 2);
  t.regex(said[0] ?? '', /^2 older messages/);
  t.is(said[1], 'new');
  t.deepEqual(settled, ['old 1', 'old 2', 'new']);
});

test('dispatcher - what has expired is not said, and no digest counts it', async (t) => {
  const { say, connect, said, settled, counters } = setup();
  say('expired', '#a', 1000, -1);
  say('good for a while yet', '#a', 1000, 60_000);
  connect(ok);
  await turn();
  t.deepEqual(said, ['good for a while yet']);
  t.deepEqual(settled, ['expired', 'good for a while yet']);
  t.is(counters.dropped.get('expired'), 1);
});

test('dispatcher - a digest waits until the whole log is read', async (t) => {
  let caughtUp = false;
  const { dispatcher, say, connect, said } = setup({ caughtUp: () => caughtUp });
  connect(ok);
  say('old 1', '#a', 120_000);
  say('old 2', '#a', 120_000);
  await turn();
  t.deepEqual(said, []);
  caughtUp = true;
  dispatcher.flushDigests();
  await turn();
  t.is(said.length, 1);
});

test('dispatcher - what renders to nothing is settled and counted', async (t) => {
  const { say, connect, said, settled, counters } = setup();
  connect(ok);
  say('\n');
  await turn();
  t.deepEqual([said, settled], [[], ['\n']]);
  t.is(counters.dropped.get('empty'), 1);
});

test('dispatcher - a flood limit queues and drops nothing', async (t) => {
  const { dispatcher, say, connect, said } = setup({ limit: { burst: 2, perSecond: 10 } });
  connect(ok);
  for (let i = 0; i < 6; i++) say(String(i));
  await turn();
  t.deepEqual(said, ['0', '1']);
  t.is(dispatcher.queued().waiting, 4);
  while (said.length < 6) await turn();
  t.deepEqual(said, ['0', '1', '2', '3', '4', '5']);
});

test('dispatcher - any series of lost connections keeps the order and says each part exactly once', async (t) => {
  const acceptedBeforeLoss = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 });
  const lines = fc.array(fc.tuple(fc.constantFrom('#a', '#b', '#c'), fc.integer({ min: 1, max: 4 })), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(acceptedBeforeLoss, lines, async (connections, messages) => {
      const { dispatcher, say, connect, said, settled } = setup();
      const expected = new Map<string, string[]>([
        ['#a', []],
        ['#b', []],
        ['#c', []],
      ]);
      messages.forEach(([channel, count], i) => {
        const parts = Array.from({ length: count }, (_, part) => `${channel} ${i}.${part}`);
        expected.get(channel)?.push(...parts);
        say(parts.join('\n'), channel);
      });
      for (const accepted of connections) {
        let left = accepted;
        connect((message) => (left-- > 0 ? ok(message) : fail('unavailable')(message)));
        await turn();
        dispatcher.disconnected();
        await turn();
      }
      connect(ok);
      await turn();
      for (const [channel, parts] of expected) {
        t.deepEqual(
          said.filter((line) => line.startsWith(channel)),
          parts,
        );
      }
      t.is(settled.length, messages.length);
      dispatcher.stop();
    }),
    { numRuns: 200 },
  );
});

test('dispatcher - one event is out at a time, in whatever channel, until another gateway knows of it', async (t) => {
  let untold = 0;
  const { dispatcher, say, connect, said } = setup({ untold: () => untold });
  let confirm: () => void = () => {};
  connect(async () => {
    await new Promise<void>((resolve) => {
      confirm = resolve;
    });
    untold = 1;
    return { nativeId: null };
  });
  say('one', '#a');
  say('two', '#b');
  await turn();
  t.is(dispatcher.queued().inFlight, 1);
  confirm();
  await turn();
  t.deepEqual([said, dispatcher.queued().inFlight], [['one'], 0]);
  untold = 0;
  dispatcher.told(1);
  t.is(dispatcher.queued().inFlight, 1);
  dispatcher.stop();
});

test('dispatcher - the parts of one event are out together', async (t) => {
  const { dispatcher, say, connect } = setup({ untold: () => 0 });
  connect(() => new Promise(() => {}));
  say('1\n2\n3');
  say('next');
  await turn();
  t.is(dispatcher.queued().inFlight, 3);
  dispatcher.stop();
});

test('dispatcher - neither a held channel nor a lost connection is out', async (t) => {
  const { dispatcher, say, connect, said } = setup({ untold: () => 0 });
  connect((message) => (message.channel === '#a' ? fail('unavailable')(message) : ok(message)));
  say('1\n2', '#a');
  say('x', '#b');
  await turn();
  t.deepEqual(said, ['x']);
  dispatcher.disconnected();
  connect(ok);
  await turn();
  t.deepEqual(said, ['x', '1', '2']);
  dispatcher.stop();
});

test('dispatcher - whatever the network answers, and however late others hear of it, few are out and all is said', async (t) => {
  const fates = fc.array(fc.constantFrom('said', 'unavailable', 'unknown', 'rejected', 'lost connection'), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(fates, fc.integer({ min: 1, max: 25 }), async (script, lines) => {
      let untold = 0;
      const world = setup({ untold: () => untold });
      const { dispatcher, say, connect, settled } = world;
      let open = 0;
      const deliver: Answer = async (message) => {
        open += 1;
        t.true(open + untold <= 1);
        await turn();
        open -= 1;
        const fate = script.shift() ?? 'said';
        if (fate === 'lost connection') dispatcher.disconnected();
        if (fate === 'said' || fate === 'rejected') untold += 1;
        return fate === 'said'
          ? ok(message)
          : fail(fate === 'lost connection' ? 'unavailable' : fate)(message);
      };
      for (let i = 0; i < lines; i++) say(String(i), `#${i % 3}`);
      for (let i = 0; i < 400 && settled.length < lines; i++) {
        connect(deliver);
        await turn();
        await turn();
        untold = Math.max(0, untold - 1);
        dispatcher.told(1);
      }
      t.is(new Set(settled).size, lines);
      dispatcher.stop();
    }),
    { numRuns: 100 },
  );
});

test('dispatcher - what another gateway has said by now is settled and not said', async (t) => {
  const { say, connect, said, settled, saidElsewhere, counters } = setup();
  say('one');
  say('two');
  saidElsewhere.add('one');
  connect(ok);
  await turn();
  t.deepEqual([said, settled], [['two'], ['one', 'two']]);
  t.is(counters.dropped.get('duplicate'), 1);
});
