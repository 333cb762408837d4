/** The values of the bucket, read with care: another version may have written them, or a person. */
import { z } from 'zod';
import type { ListRecord, OptOut, Pause, PersonRecord, Refusal } from './shapes.js';

const time = z.number();
const count = z.int().min(0);

const said = z.object({ time, person: z.string(), channel: z.string(), text: z.string() });
const list = z.object({
  said: z.array(said),
  called: count,
  told: count,
  refused: z.record(z.string(), count),
});
const person = z.object({
  person: z.string(),
  name: z.string(),
  warnings: z.array(time),
  mutes: z.array(z.object({ since: time, until: time })),
  pardoned: time,
});
const people = z.array(person);
const optOut = z.object({
  list: z.string().nullable(),
  network: z.string(),
  channel: z.string(),
  by: z.string(),
  time,
});
const pause = z.object({ list: z.string(), by: z.string(), until: time.nullable() });

/** By identity, or author where there is none. */
export type People = ReadonlyMap<string, PersonRecord>;

/** What stands under a key; `list` and `people` are written by the gateway that they name, and by no other. */
export type Entry =
  | {
      readonly kind: 'list';
      readonly list: string;
      readonly gateway: string;
      readonly value: ListRecord | null;
    }
  | { readonly kind: 'people'; readonly gateway: string; readonly value: People | null }
  | { readonly kind: 'optout'; readonly value: OptOut | null }
  | { readonly kind: 'pause'; readonly value: Pause | null };

export const keyOf = {
  list: (list: string, gateway: string) => `list/${list}/${gateway}`,
  people: (gateway: string) => `people/${gateway}`,
  optOut: (list: string | null, network: string, channel: string) =>
    `optout/${list ?? '*'}/${network}/${channel}`,
  pause: (list: string) => `pause/${list}`,
};

/** Null: not ours, or not readable. `value` is null when the entry was deleted. */
export function entryOf(key: string, value: unknown): Entry | null {
  const [kind, first = '', second = ''] = key.split('/');
  switch (kind) {
    case 'list':
      return read(list, value, (record) => ({
        kind,
        list: first,
        gateway: second,
        value: record as (ListRecord & { refused: Partial<Record<Refusal, number>> }) | null,
      }));
    case 'people':
      return read(people, value, (record) => ({ kind, gateway: first, value: record && peopleOf(record) }));
    case 'optout':
      return read(optOut, value, (record) => ({ kind, value: record }));
    case 'pause':
      return read(pause, value, (record) => ({ kind, value: record }));
    default:
      return null;
  }
}

function read<Value>(
  schema: z.ZodType<Value>,
  value: unknown,
  made: (value: Value | null) => Entry,
): Entry | null {
  if (value === null) return made(null);
  const parsed = schema.safeParse(value);
  return parsed.success ? made(parsed.data) : null;
}

function peopleOf(list: z.output<typeof people>): People {
  return new Map(list.map(({ person: id, ...record }) => [id, record]));
}

/** As the bucket has them: names from outside are no keys of an object. */
export function listOf(known: People): readonly unknown[] {
  return [...known].map(([id, record]) => ({ person: id, ...record }));
}
