import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { silentLogger } from '../../src/log.js';
import { Waiting } from '../../src/node/waiting.js';
import { until } from '../bus/fixtures.js';

test('waiting - ends with its deadline, even when memory is collected meanwhile', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const waiting = new Waiting(silentLogger);
  const stopped = new AbortController();
  let reason: unknown = null;
  const wait = (): void => {
    waiting.ready(stopped.signal, AbortSignal.timeout(500)).catch((error: unknown) => {
      reason = error;
    });
  };
  wait();
  await until('the deadline has passed', () => {
    collect();
    return reason !== null;
  });
  t.is((reason as Error).name, 'TimeoutError');
});

test('waiting - ends with the first of its signals, and at once with one that is aborted', async (t) => {
  const waiting = new Waiting(silentLogger);
  const stopped = new AbortController();
  const open = new AbortController();
  const ended = waiting.ready(stopped.signal, open.signal);
  stopped.abort(new Error('stopped'));
  await t.throwsAsync(ended, { message: 'stopped' });
  await t.throwsAsync(waiting.ready(open.signal, stopped.signal), { message: 'stopped' });
  waiting.usable();
  await t.notThrowsAsync(waiting.ready(stopped.signal));
});
