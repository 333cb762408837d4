import test from 'ava';
import fc from 'fast-check';
import { casemappingOf, fold } from '../../../bridges/irc/casemapping.js';
import { lineDecoder, MAX_LINE_BYTES } from '../../../bridges/irc/decoder.js';
import { parseLine, parseSource, tagOf, timeOf } from '../../../bridges/irc/line.js';
import { splitServers } from '../../../bridges/irc/netsplit.js';

test('irc - a line is taken apart into tags, source, command and parameters', (t) => {
  const line = parseLine('@time=2026-01-02T03:04:05.678Z;+x=a\\:b\\sc :n!u@h privmsg  #c :hi :) there');
  t.like(line, { source: 'n!u@h', command: 'PRIVMSG', params: ['#c', 'hi :) there'] });
  if (line === null) return t.fail();
  t.is(tagOf(line, '+x'), 'a;b c');
  t.is(tagOf(line, 'x'), undefined);
  t.is(timeOf(line)?.toISOString(), '2026-01-02T03:04:05.678Z');
});

test('irc - a tag without a value is empty, one that only begins alike is not found', (t) => {
  const line = parseLine('@botany=1;bot;msgid= :a PING x');
  if (line === null) return t.fail();
  t.is(tagOf(line, 'bot'), '');
  t.is(tagOf(line, 'msgid'), '');
  t.is(tagOf(line, 'bo'), undefined);
});

test('irc - a source is a nick with or without user and host', (t) => {
  t.deepEqual(parseSource('n!u@h'), { nick: 'n', user: 'u', host: 'h' });
  t.deepEqual(parseSource('irc.example'), { nick: 'irc.example', user: '', host: '' });
  t.deepEqual(parseSource('n@h'), { nick: 'n', user: '', host: 'h' });
});

test('irc - Malformed input: no text makes the parser throw', (t) => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('@', ':', ' ', ';', '=', '\\', 'PRIVMSG', '#c', '!'),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const line = parseLine(pieces.join(''));
      if (line !== null) {
        tagOf(line, 'time');
        timeOf(line);
        parseSource(line.source);
      }
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

function decoded(chunks: readonly Buffer[], fallback = 'windows-1252'): { lines: string[]; cuts: number } {
  const lines: string[] = [];
  let cuts = 0;
  const decoder = lineDecoder(
    fallback,
    (line) => lines.push(line),
    () => {
      cuts += 1;
    },
  );
  for (const chunk of chunks) decoder.push(chunk);
  return { lines, cuts };
}

test('irc - Encoding: each line is UTF-8, else CP1252', (t) => {
  const cp1252 = Buffer.from([...Buffer.from('caf'), 0xe9, 13, 10, 0x80, 10]);
  t.deepEqual(decoded([Buffer.from('äöü €\r\n'), cp1252]).lines, ['äöü €', 'café', '€']);
});

test('irc - Encoding: a UTF-8 line that the server cut inside a character stays UTF-8', (t) => {
  const whole = Buffer.from('grüße €\r\n');
  const cut = Buffer.concat([whole.subarray(0, whole.length - 3), Buffer.from('\r\n')]);
  t.deepEqual(decoded([cut]).lines, ['grüße ']);
});

test('irc - Encoding: another fallback can be chosen', (t) => {
  t.deepEqual(decoded([Buffer.from([0xf0, 0xd2, 0xc9, 10])], 'koi8-r').lines, ['При']);
});

test('irc - Encoding: lines come whole however the bytes are cut, and are valid Unicode', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.array(fc.nat(200)),
      (rows, cuts) => {
        const bytes = Buffer.concat(rows.map((row) => Buffer.from([...row, 10])));
        const once = decoded([bytes]).lines;
        const points = [
          0,
          ...[...cuts].sort((a, b) => a - b).filter((at) => at < bytes.length),
          bytes.length,
        ];
        const chunks = points.slice(1).map((end, index) => bytes.subarray(points[index], end));
        t.deepEqual(decoded(chunks).lines, once);
        for (const line of once) t.false(/[\r\n\0]/.test(line) || /\p{Surrogate}/u.test(line));
      },
    ),
  );
});

test('irc - a line without end is cut once and holds no memory', (t) => {
  const chunk = Buffer.alloc(10_000, 'x');
  const { lines, cuts } = decoded([chunk, chunk, chunk, Buffer.from('\r\nnext\r\n')]);
  t.deepEqual(
    lines.map((line) => line.length),
    [MAX_LINE_BYTES, 4],
  );
  t.is(cuts, 1);
});

test('irc - Casemapping: names fold as the server says', (t) => {
  t.is(fold('#A[]\\^~{Ä', casemappingOf(undefined)), '#a{}|~~{Ä');
  t.is(fold('#A[]\\^', casemappingOf('strict-rfc1459')), '#a{}|^');
  t.is(fold('#A[]\\^Ä', casemappingOf('ascii')), '#a[]\\^Ä');
  t.is(fold('#Ä', casemappingOf('rfc8265')), '#ä');
});

test('irc - Netsplit: only two different server names are one', (t) => {
  t.deepEqual(splitServers('irc.a.net irc.b.org'), ['irc.a.net', 'irc.b.org']);
  t.deepEqual(splitServers('*.net *.split'), ['*.net', '*.split']);
  for (const reason of ['Quit: a.b c.d', 'a.b a.B', 'a b', 'a.b c.d e.f', '1.2 3.4', '', 'bye. see.you']) {
    t.is(splitServers(reason), null, reason);
  }
});
