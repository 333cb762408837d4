import test from 'ava';
import fc from 'fast-check';
import { encodeRecord, type SpoolRecord, scanRecord } from '../../../src/bus/spool/record.js';

const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => new Uint8Array(data));
const text = fc.string({ maxLength: 40, unit: 'grapheme' });
const records: fc.Arbitrary<SpoolRecord> = fc.oneof(
  fc.record({
    kind: fc.constant('event' as const),
    place: fc.nat(),
    time: fc.nat(2 ** 42),
    id: text,
    subject: text,
    data: bytes,
    maybeStored: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('said' as const), network: text, id: text }),
  fc.record({ kind: fc.constant('done' as const), place: fc.nat() }),
);

/** Every record that a reader finds, with its place in the file. */
function readAll(file: Buffer): { readonly record: SpoolRecord; readonly at: number }[] {
  const found: { record: SpoolRecord; at: number }[] = [];
  let at = 0;
  for (let scanned = scanRecord(file, at); scanned.kind !== 'end'; scanned = scanRecord(file, at)) {
    if (scanned.kind === 'record') found.push({ record: plain(scanned.record), at });
    at = scanned.next;
  }
  return found;
}

/** Comparable: the data without what is around it in memory. */
function plain(record: SpoolRecord): SpoolRecord {
  return record.kind === 'event' ? { ...record, data: Uint8Array.from(record.data) } : record;
}

interface File {
  readonly bytes: Buffer;
  readonly records: readonly { readonly record: SpoolRecord; readonly at: number; readonly end: number }[];
}

const files: fc.Arbitrary<File> = fc.array(records, { minLength: 1, maxLength: 8 }).map((all) => {
  const parts = all.map(encodeRecord);
  let end = 0;
  const placed = all.map((record, index) => {
    const at = end;
    end += parts[index]?.length ?? 0;
    return { record, at, end };
  });
  return { bytes: Buffer.concat(parts), records: placed };
});

test('spool record - what is written is read again, in order', (t) => {
  fc.assert(
    fc.property(files, (file) => {
      t.deepEqual(
        readAll(file.bytes).map(({ record }) => record),
        file.records.map(({ record }) => record),
      );
    }),
  );
});

test('spool record - a file cut anywhere keeps every record before the cut, and no other', (t) => {
  fc.assert(
    fc.property(files, fc.nat(), (file, cut) => {
      const length = cut % (file.bytes.length + 1);
      const whole = file.records.filter(({ end }) => end <= length).map(({ record }) => record);
      t.deepEqual(
        readAll(file.bytes.subarray(0, length)).map(({ record }) => record),
        whole,
      );
    }),
    { numRuns: 300 },
  );
});

test('spool record - flipped bits lose only the records they are in, and never make another', (t) => {
  const flips = fc.array(fc.nat(), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(files, flips, (file, places) => {
      const damaged = Buffer.from(file.bytes);
      const bits = new Set(places.map((place) => place % (damaged.length * 8)));
      for (const bit of bits) damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const isHit = ({ at, end }: { at: number; end: number }) =>
        [...bits].some((bit) => bit >> 3 >= at && bit >> 3 < end);
      t.deepEqual(
        readAll(damaged),
        file.records.filter((one) => !isHit(one)).map(({ record, at }) => ({ record, at })),
      );
    }),
    { numRuns: 500 },
  );
});

test('spool record - anything at all is read without a fault', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (garbage) => {
      t.deepEqual(readAll(Buffer.from(garbage)), []);
    }),
  );
});
