import test from 'ava';
import fc from 'fast-check';
import { patternFault } from '../../src/config/index.js';
import { MAX_TEXT_BYTES } from '../../src/message/index.js';
import { compileFilter } from '../../src/routing/filter.js';
import { eventOf } from '../message/events.js';
import { NO_FILTER } from './rooms.js';

const { data } = eventOf();

test('filter - nothing to filter is no filter', (t) => {
  t.is(compileFilter(NO_FILTER), null);
});

test('filter - nicks are ignored as a whole, in any case', (t) => {
  const filter = compileFilter({ ...NO_FILTER, ignoreNicks: ['ZAP.*', 'q'] });
  const named = (name: string) => filter?.({ ...data, author: { ...data.author, name } });
  t.is(named('zappater'), 'ignored-nick');
  t.is(named('Q'), 'ignored-nick');
  t.notDeepEqual(named('qq'), 'ignored-nick');
  t.notDeepEqual(named('xzap'), 'ignored-nick');
});

test('filter - text is ignored where a pattern matches anywhere', (t) => {
  const filter = compileFilter({ ...NO_FILTER, ignoreText: ['^!', '(?i)spam'] });
  t.is(filter?.({ ...data, text: '!roll' }), 'ignored-text');
  t.is(filter?.({ ...data, text: 'much SPAM here' }), 'ignored-text');
  t.deepEqual(filter?.({ ...data, text: 'hi!' }), { ...data, text: 'hi!' });
});

test('filter - replacements follow each other and know groups', (t) => {
  const replace = [
    { pattern: '(\\d)on(\\d)', with: '$1 on $2' },
    { pattern: ' on ', with: ' against ' },
  ];
  const filter = compileFilter({ ...NO_FILTER, replace });
  t.deepEqual(filter?.({ ...data, text: '4on4 and 2on2' }), { ...data, text: '4 against 4 and 2 against 2' });
});

test('filter - text that a replacement emptied is dropped', (t) => {
  const filter = compileFilter({ ...NO_FILTER, replace: [{ pattern: '.+', with: '' }] });
  t.is(filter?.(data), 'empty');
});

test('filter - a replacement cannot make text grow without end', (t) => {
  const replace = Array.from({ length: 20 }, () => ({ pattern: '.', with: 'xx' }));
  const result = compileFilter({ ...NO_FILTER, replace })?.(data);
  t.true(typeof result === 'object' && Buffer.byteLength(result.text) <= MAX_TEXT_BYTES);
});

test('filter - a pattern made to explode takes linear time', (t) => {
  const filter = compileFilter({ ...NO_FILTER, ignoreText: ['(a+)+$', '(a|a)*b', '(.*)(.*)(.*)(.*)x$'] });
  const start = performance.now();
  filter?.({ ...data, text: `${'a'.repeat(30_000)}!` });
  t.true(performance.now() - start < 2000);
});

test('filter - no pattern that a config may have is a bomb', (t) => {
  const piece = fc.constantFrom('a', 'b', '.', '[ab]', '\\w', '(a|b)', '(?:a?)', '(a*)', '(.|a)', '(\\w+)');
  const part = fc
    .tuple(piece, fc.constantFrom('', '*', '+', '?', '{2,9}', '{20}', '{1,70}', '*?'))
    .map((both) => both.join(''));
  const group = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '+', '*', '{3}'))
    .map(([parts, many]) => `(${parts.join('')})${many}`);
  const pattern = fc.array(group, { minLength: 1, maxLength: 3 }).map((groups) => groups.join(''));
  const texts = ['a', 'ab', 'abaabbbab '].map((text) => text.repeat(MAX_TEXT_BYTES / 8 / text.length));
  fc.assert(
    fc.property(pattern, (made) => {
      if (patternFault(made) !== null) return;
      const filter = compileFilter({
        ...NO_FILTER,
        ignoreText: [`${made}!`],
        replace: [{ pattern: made, with: 'x' }],
      });
      const begun = performance.now();
      for (const text of texts) filter?.({ ...data, text });
      // Some tenths of a second on an idle machine; quadratic or worse would take minutes.
      t.true(performance.now() - begun < 20_000, made);
    }),
    { numRuns: 25 },
  );
});

test('filter - a faulty pattern is refused', (t) => {
  t.throws(() => compileFilter({ ...NO_FILTER, ignoreText: ['('] }), { code: 'CONFIG_INVALID' });
});
