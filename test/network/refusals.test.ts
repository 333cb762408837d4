import test from 'ava';
import { Refusals } from '../../src/network/refusals.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';

test('refusals - thousands in a moment are two lines of the log, and none is uncounted', (t) => {
  const lines: RecordedLine[] = [];
  let now = 0;
  const refusals = new Refusals(recordingLog(lines), () => now);
  for (let i = 0; i < 5_000; i += 1) refusals.add('#quake', '10000 events wait for the backbone');
  now = 10_000;
  refusals.add('#quake', '10000 events wait for the backbone');
  const told = lines.map(({ fields }) => fields.events);
  t.deepEqual(told, [1, 5_000]);
});
