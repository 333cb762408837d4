import test from 'ava';
import { Ledger } from '../../src/network/ledger.js';

function counted() {
  const acks: number[] = [];
  return { acks, ack: (n: number) => () => void acks.push(n) };
}

test('ledger - acknowledges when said first and logged later', (t) => {
  const ledger = new Ledger();
  const { acks, ack } = counted();
  const entry = ledger.open('a', 1, null);
  ledger.settle(entry);
  t.deepEqual(acks, []);
  t.true(ledger.arrived('a', ack(1)));
  t.deepEqual(acks, [1]);
  t.is(ledger.size, 0);
});

test('ledger - acknowledges when logged first and said in every channel', (t) => {
  const ledger = new Ledger();
  const { acks, ack } = counted();
  const entry = ledger.open('a', 2, ack(1));
  ledger.settle(entry);
  t.deepEqual(acks, []);
  ledger.settle(entry);
  t.deepEqual(acks, [1]);
});

test('ledger - a redelivery only renews the acknowledgement', (t) => {
  const ledger = new Ledger();
  const { acks, ack } = counted();
  const entry = ledger.open('a', 1, ack(1));
  t.true(ledger.arrived('a', ack(2)));
  ledger.settle(entry);
  t.deepEqual(acks, [2]);
});

test('ledger - a copy of a second reading is acknowledged beside the first', (t) => {
  const ledger = new Ledger();
  const { acks, ack } = counted();
  const entry = ledger.open('a', 1, ack(1));
  t.true(ledger.arrived('a', ack(2), true));
  ledger.settle(entry);
  t.deepEqual(acks, [1, 2]);
});

test('ledger - does not know an event it never had', (t) => {
  t.false(new Ledger().arrived('a', () => t.fail()));
});

test('ledger - forgets an event that the log refused, once it is said', (t) => {
  const ledger = new Ledger();
  const entry = ledger.open('refused', 1, null);
  ledger.refused('refused');
  t.is(ledger.size, 1);
  ledger.settle(entry);
  t.is(ledger.size, 0);
});

test('ledger - a said event waits for its copy, however long that takes', (t) => {
  const ledger = new Ledger();
  ledger.settle(ledger.open('said', 1, null));
  t.true(ledger.arrived('said', () => t.pass()));
});

test('ledger - tells of an event that is said while only the spool has it, whichever comes first', (t) => {
  const said: string[] = [];
  const ledger = new Ledger((id) => said.push(id));
  const first = ledger.open('said first', 1, null);
  ledger.settle(first);
  t.deepEqual(said, []);
  ledger.spooled('said first');
  const second = ledger.open('spooled first', 2, null);
  ledger.spooled('spooled first');
  ledger.settle(second);
  t.deepEqual(said, ['said first']);
  ledger.settle(second);
  ledger.spooled('spooled first');
  ledger.spooled('never opened');
  t.deepEqual(said, ['said first', 'spooled first']);
});

test('ledger - what was said before this process is only acknowledged', (t) => {
  const ledger = new Ledger();
  const { acks, ack } = counted();
  ledger.remember(['a', 'b']);
  t.true(ledger.arrived('a', ack(1)));
  t.deepEqual(acks, [1]);
  t.is(ledger.size, 1);
});

test('ledger - tells what is said in every channel, whether the log has it or not', (t) => {
  const said: string[] = [];
  const ledger = new Ledger(
    () => {},
    (id) => said.push(id),
  );
  const both = ledger.open('a', 2, null);
  ledger.settle(both);
  t.deepEqual(said, []);
  ledger.settle(both);
  ledger.settle(ledger.open('b', 1, () => {}));
  t.deepEqual(said, ['a', 'b']);
});
