import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import {
  type Bus,
  type BusAddress,
  type BusOptions,
  connectBus,
  type Delivery,
} from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import type { ParleyEvent } from '../../src/message/index.js';
import { until as wait } from '../peers/index.js';

let count = 0;

export function makeEvent(room: string, text: string): ParleyEvent {
  count += 1;
  const id = `01TEST${process.pid.toString(36).toUpperCase().padStart(5, '0')}${count.toString().padStart(15, '0')}`;
  return {
    specversion: '1.0',
    id,
    source: '/networks/quakenet/channels/=23quakeworld',
    type: 'chat.message',
    subject: room,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      author: { id: 'irc:quakenet:nick:zappater', name: 'zappater', verified: false },
      text,
      markup: 'plain',
      native: { id: null, channel: '#quakeworld' },
      replyTo: null,
      attachments: [],
      hops: ['quakenet'],
    },
  };
}

export function busOptions(address: BusAddress, changes: Partial<BusOptions> = {}): BusOptions {
  return {
    address,
    prefix: 'parley',
    history: { maxAgeMs: 3_600_000, maxBytes: 256 * 1024 * 1024, replicas: 1 },
    name: 'parley test',
    ...changes,
  };
}

/** Closed at the test's end. */
export async function openBus(
  t: ExecutionContext,
  address: BusAddress,
  changes: Partial<BusOptions> = {},
): Promise<Bus> {
  const bus = await connectBus(busOptions(address, changes), silentLogger);
  t.teardown(() => bus.close(0));
  return bus;
}

/** Waits for the condition, by default as long as a restarted server may need to be found again. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 15_000,
): Promise<void> {
  await wait(condition, { what, deadlineMs });
}

export async function storeAll(bus: Bus, room: string, texts: readonly string[]): Promise<void> {
  await Promise.all(texts.map((text) => bus.store(makeEvent(room, text))));
}

/** `first … first + length - 1`, as texts. */
export function numbered(length: number, first = 0): string[] {
  return Array.from({ length }, (_, index) => String(first + index));
}

export function textOf(delivery: Delivery): string {
  return delivery.event().data.text;
}

export function randomName(): string {
  return randomBytes(4).toString('hex');
}
