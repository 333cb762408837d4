import test from 'ava';
import { connect } from 'nats';
import { BucketWatch } from '../../src/bus/bucket-watch.js';
import { startNats } from '../peers/nats.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';
import { until } from './fixtures.js';

test('bucket watch - however often the connection comes back, one attempt at a time is made', async (t) => {
  const server = await startNats(t);
  const client = await connect({ servers: [...server.address.servers] });
  t.teardown(() => client.close());
  const kv = await client.jetstream().views.kv('NAMES');
  await kv.put('a', 'one');
  const lines: RecordedLine[] = [];
  const heard: string[] = [];
  let running = 0;
  let most = 0;
  const counted: typeof kv = Object.assign(Object.create(kv) as typeof kv, {
    watch: async (...given: Parameters<typeof kv.watch>) => {
      running += 1;
      most = Math.max(most, running);
      try {
        return await kv.watch(...given);
      } finally {
        running -= 1;
      }
    },
  });
  const watch = new BucketWatch(counted, recordingLog(lines), ({ key }) => heard.push(key));
  t.teardown(() => watch.stop());
  await watch.open();
  t.deepEqual(heard, ['a']);
  // A stream that is gone stands for a backbone that lets us in and does not answer.
  await (await client.jetstreamManager()).streams.delete('KV_NAMES');
  for (let times = 0; times < 10; times += 1) watch.reopen();
  await until('it was tried again and again', () => lines.length >= 3);
  watch.reopen();
  t.is(most, 1);
  const again = await client.jetstream().views.kv('NAMES');
  await again.put('b', 'two');
  await again.put('c', 'three');
  await until('it watches again', () => heard.includes('c'));
  t.is(most, 1);
});
