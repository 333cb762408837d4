import test from 'ava';
import fc from 'fast-check';
import { silenceMentions } from '../../src/message/index.js';

for (const mention of [
  '@everyone',
  '@Here',
  '@channel',
  '<@123>',
  '<@!123>',
  '<@&123>',
  '<@U024>',
  '<!channel>',
  '<!subteam^S1>',
]) {
  test(`mentions - ${mention} is broken and still readable`, (t) => {
    const silent = silenceMentions(`hey ${mention}, look`);
    t.false(silent.includes(mention));
    t.is(silent.replaceAll('\u200b', ''), `hey ${mention}, look`);
  });
}

test('mentions - what only looks similar stays as it is', (t) => {
  for (const text of ['mail me@example.org', '@zap hi', '@everyones', 'a <@ b', '1 <! 2'])
    t.is(silenceMentions(text), text);
});

test('mentions - doing it twice changes nothing more', (t) => {
  const unit = fc.constantFrom('@', '<', '!', '&', 'everyone', 'here', '1', ' ', '>', '\u200b');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const once = silenceMentions(text);
      t.is(silenceMentions(once), once);
      t.notRegex(once, /@(everyone|here|channel)\b|<@[!&]?\d/i);
    }),
  );
});
