import test from 'ava';
import { paced } from '../../../bridges/irc/pace.js';
import type { Network, NetworkEvent } from '../../../src/bridge.js';
import { silentLogger } from '../../../src/log.js';
import { until } from '../../peers/index.js';

const EVENT: NetworkEvent = {
  type: 'chat.message',
  channel: '#quake',
  author: { id: 'irc:raw:addr:a', name: 'a', verified: false },
  text: 'hello',
};

/** A network whose events are stored when the test says so, and a source that tells whether it is read. */
function stage() {
  const unstored: (() => void)[] = [];
  const network: Network = {
    name: 'raw',
    log: silentLogger,
    flood: { burst: 4, perSecond: 1 },
    channels: () => [],
    degraded: () => {},
    receive: () => new Promise((resolve) => unstored.push(resolve)),
  };
  let reading = true;
  const source = {
    pause: () => {
      reading = false;
    },
    resume: () => {
      reading = true;
    },
  };
  const { receive } = paced(network, () => source);
  return {
    isReading: () => reading,
    /** Hears lines as long as the source is read; how many there were. */
    flood: (most: number) => {
      let heard = 0;
      for (; heard < most && reading; heard += 1) void receive(EVENT);
      return heard;
    },
    store: () => {
      for (const resolve of unstored.splice(0)) resolve();
    },
  };
}

test('irc - Flood control: a flood that the log cannot keep up with is read in turns', async (t) => {
  const { flood, isReading } = stage();
  for (let turn = 0; turn < 3; turn += 1) {
    const heard = flood(100_000);
    t.true(heard <= 1024, `${heard} lines in turn ${turn}`);
    t.false(isReading());
    // Never for long: the server would close the connection.
    await until(isReading, { what: 'reading to go on', deadlineMs: 15_000 });
  }
});

test('irc - Flood control: reading goes on at once when the log has kept up', async (t) => {
  const { flood, store, isReading } = stage();
  flood(100_000);
  t.false(isReading());
  store();
  await until(isReading, { what: 'reading to go on', deadlineMs: 15_000 });
  t.true(flood(100) === 100 && isReading());
});
