import test from 'ava';
import fc from 'fast-check';
import { Output, printable } from '../../src/cli/output.js';
import { Recorder } from './fake-context.js';

function outputTo(tty: boolean, env: Readonly<Record<string, string>> = {}) {
  const stdout = new Recorder(tty);
  return { stdout, out: new Output({ stdout, stderr: new Recorder(tty), env }, false) };
}

test('output - a table is aligned under heads on a terminal', (t) => {
  const { stdout, out } = outputTo(true, { NO_COLOR: '1' });
  out.table(
    ['ROOM', 'N'],
    [
      ['quakeworld', 1],
      ['ops', 22],
    ],
  );
  t.is(stdout.text, 'ROOM        N\nquakeworld  1\nops         22\n');
});

test('output - a table is tab-separated and without heads in a pipe', (t) => {
  const { stdout, out } = outputTo(false);
  out.table(
    ['ROOM', 'N'],
    [
      ['quakeworld', 1],
      ['ops', 22],
    ],
  );
  t.is(stdout.text, 'quakeworld\t1\nops\t22\n');
});

test('output - the last column is cut at the width of the terminal', (t) => {
  const { stdout, out } = outputTo(true, { NO_COLOR: '1' });
  out.table(['A', 'B'], [['x', 'y'.repeat(200)]]);
  t.true(stdout.text.split('\n').every((line) => line.length <= stdout.columns));
});

test('output - colour only on a terminal that wants it', (t) => {
  t.is(outputTo(true).out.style('red', 'x'), '\u001b[31mx\u001b[39m');
  t.is(outputTo(false).out.style('red', 'x'), 'x');
  t.is(outputTo(true, { NO_COLOR: '1' }).out.style('red', 'x'), 'x');
  t.is(outputTo(true, { TERM: 'dumb' }).out.style('red', 'x'), 'x');
});

test('output - an empty NO_COLOR does not count', (t) => {
  t.is(outputTo(true, { NO_COLOR: '' }).out.style('red', 'x'), '\u001b[31mx\u001b[39m');
});

test('output - outside text never steers the terminal', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      t.notRegex(printable(text), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    }),
  );
  t.is(printable('a\u001b]0;owned\u0007b\r\nc\td'), 'a]0;ownedb ⏎ c d');
});
