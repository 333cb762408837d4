import test from 'ava';
import fc from 'fast-check';
import { parseBallot, parseBeat } from '../../src/ownership/codec.js';

const BEAT = {
  gateway: 'alpha',
  instance: '1',
  voters: ['alpha'],
  labels: [],
  away: false,
  round: 1,
  claims: [{ network: 'one', epoch: 7, state: 'holds' }],
  ballots: [],
  releases: [{ network: 'two', epoch: 3, to: null, pinned: false }],
};

test('ownership codec - a beat and a ballot come back as they were sent', (t) => {
  t.deepEqual(parseBeat(JSON.parse(JSON.stringify(BEAT))), BEAT as never);
  const ballot = {
    gateway: 'a',
    to: '1',
    round: 2,
    granted: ['one'],
    refused: [{ network: 'two', epoch: 1 }],
  };
  t.deepEqual(parseBallot(JSON.parse(JSON.stringify(ballot))), ballot as never);
});

test('ownership codec - anything else is null, never an exception', (t) => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      t.is(parseBeat(value), null);
      t.is(parseBallot(value), null);
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(BEAT)), fc.anything(), (key, value) => {
      const beat = parseBeat({ ...BEAT, [key]: value });
      t.true(beat === null || typeof beat.gateway === 'string');
    }),
  );
});
