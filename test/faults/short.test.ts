/** The fault suite in the form that every test run can bear: each fault once, shortly. `npm run test:faults` is the long one. */
import test from 'ava';
import { formatReport, passed } from './report.js';
import { run } from './run.js';

const SEED = 20_261_121;
/** Those that need an election (4–9 s) or a login (IRC) more often than others are for the long form. */
const QUICK = [
  'stop-parley',
  'kill-parley',
  'kill-nats',
  'kill-irc',
  'freeze-parley',
  'freeze-node',
  'part-gateway',
  'part-node',
  'clock-jump',
  'slow-stream',
  'slow-irc',
];

test('faults suite - three nodes lose nothing of what they accepted, whatever breaks', async (t) => {
  t.timeout(180_000);
  const result = await run(t, {
    seed: SEED,
    nodes: 3,
    rooms: 4,
    rate: 50,
    durationMs: 0,
    only: QUICK,
    short: true,
    logs: null,
    progress: (line) => t.log(line),
  });
  t.true(passed(result), formatReport(result));
  t.true(result.verdict.accepted > 0);
});

test('faults suite - one node loses nothing of what it accepted', async (t) => {
  t.timeout(120_000);
  const result = await run(t, {
    seed: SEED,
    nodes: 1,
    rooms: 2,
    rate: 25,
    durationMs: 0,
    only: ['kill-node', 'freeze-nats', 'disk-full'],
    short: true,
    logs: null,
    progress: (line) => t.log(line),
  });
  t.true(passed(result), formatReport(result));
  t.true(result.verdict.accepted > 0);
});
