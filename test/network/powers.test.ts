import test from 'ava';
import type { Connection } from '../../src/bridge.js';
import { DeliveryError } from '../../src/errors.js';
import { powersOf } from '../../src/network/powers.js';

const BARE: Connection = {
  deliver: async () => ({ nativeId: null }),
  closed: new Promise(() => {}),
  attach: async () => {},
  detach: async () => {},
};

test('powers - are those of the connection that there is now', async (t) => {
  let connection: Connection | null = null;
  const powers = powersOf('libera', () => connection);
  const done: unknown[] = [];
  const outcome = async (act: Promise<unknown>) =>
    (await t.throwsAsync(act, { instanceOf: DeliveryError })).outcome;
  t.is(await outcome(powers.identify('anna')), 'unavailable');
  t.is(await outcome(powers.ban('#a', 'anna!*@*', null)), 'unavailable');

  connection = BARE;
  t.is(await powers.identify('anna'), null);
  t.is(await outcome(powers.ban('#a', 'anna!*@*', null)), 'rejected');
  t.is(await outcome(powers.unban('#a', 'anna!*@*')), 'rejected');
  t.is(await outcome(powers.kick('#a', 'anna', 'bye')), 'rejected');

  const author = { id: 'irc:libera:account:ann', name: 'anna', verified: true };
  connection = {
    ...BARE,
    identify: async (...args) => {
      done.push(args);
      return author;
    },
    ban: async (...args) => void done.push(args),
    unban: async (...args) => void done.push(args),
    kick: async (...args) => void done.push(args),
  };
  t.is(await powers.identify('anna', 'anna!a@h'), author);
  await powers.ban('#a', 'anna!*@*', 5);
  await powers.unban('#a', 'anna!*@*');
  await powers.kick('#a', 'anna', 'bye');
  t.deepEqual(done, [
    ['anna', 'anna!a@h'],
    ['#a', 'anna!*@*', 5],
    ['#a', 'anna!*@*'],
    ['#a', 'anna', 'bye'],
  ]);
});
