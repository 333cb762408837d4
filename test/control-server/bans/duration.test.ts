import test from 'ava';
import fc from 'fast-check';
import { parseLength } from '../../../control-server/bans/duration.js';
import { CommandError } from '../../../control-server/command.js';
import { lengthWords } from '../../../control-server/duration.js';

test('duration - reads what people write', (t) => {
  t.is(parseLength('90s'), 90_000);
  t.is(parseLength('2h'), 7_200_000);
  t.is(parseLength('1d12H'), 129_600_000);
  t.is(parseLength('2w'), 14 * 86_400_000);
  t.is(parseLength('permanent'), null);
});

test('duration - says how to write one', (t) => {
  for (const text of ['', '2', 'h', '2 h', '-2h', '1.5h', '0m', '99999w', '2hours'])
    t.throws(() => parseLength(text), { instanceOf: CommandError, message: /Write/ }, text);
});

test('duration - what is shown means the same, to its second unit', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 300 * 86_400_000 }), (ms) => {
      const shown = parseLength(lengthWords(ms).replace(' ', '')) ?? 0;
      t.true(shown <= ms && ms - shown < ms / 2 + 1_000, `${ms} ${lengthWords(ms)}`);
    }),
  );
  t.is(lengthWords(7_200_000), '2h');
  t.is(lengthWords(90_061_000), '1d 1h');
});
