import test from 'ava';
import fc from 'fast-check';
import { ranked } from '../../src/ownership/placement.js';

const candidates = fc.uniqueArray(
  fc.record({ gateway: fc.string({ minLength: 1 }), labels: fc.array(fc.constantFrom('eu', 'us')) }),
  { selector: ({ gateway }) => gateway, minLength: 2, maxLength: 6 },
);

test('placement - everybody comes to the same order, however they list the gateways', (t) => {
  fc.assert(
    fc.property(fc.string(), candidates, (network, all) => {
      t.deepEqual(ranked(network, ['eu'], all), ranked(network, ['eu'], [...all].reverse()));
    }),
  );
});

test('placement - without one gateway the order of the others stays', (t) => {
  fc.assert(
    fc.property(fc.string(), candidates, (network, all) => {
      const [gone, ...others] = ranked(network, [], all);
      t.deepEqual(
        ranked(
          network,
          [],
          all.filter((each) => each !== gone),
        ),
        others,
      );
    }),
  );
});

test('placement - the label preferred most comes first, a name counts as a label', (t) => {
  const all = [
    { gateway: 'alpha', labels: ['us'] },
    { gateway: 'beta', labels: ['eu'] },
    { gateway: 'gamma', labels: [] },
  ];
  const order = ranked('one', ['gamma', 'eu'], all).map(({ gateway }) => gateway);
  t.deepEqual(order, ['gamma', 'beta', 'alpha']);
});
