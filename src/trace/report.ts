/**
 * One answer out of what every gateway noted, the room log and the dead letters say. What nobody knows is said to
 * be unknown.
 */
import type { Bus, LoggedEvent } from '../bus/index.js';
import { ParleyError } from '../errors.js';
import type { Step } from './step.js';

/** What one gateway answers on `trace`. */
export interface TraceAnswer {
  readonly gateway: string;
  readonly steps: readonly Step[];
  /** Channels of its networks that may speak in the event's room; empty when it does not know the room. */
  readonly channels: readonly { readonly network: string; readonly channel: string }[];
}

export type Outcome = 'said' | 'waiting' | 'dropped' | 'dead' | 'digested' | 'unknown';

export interface TracedChannel {
  readonly network: string;
  /** Empty: the whole network. */
  readonly channel: string;
  readonly outcome: Outcome;
  /** Why it was not said, or what it waits for. */
  readonly reason: string | null;
  /** Native ids that the network gave, by part as far as known. */
  readonly natives: readonly string[];
}

export interface TraceReport {
  readonly event: string;
  readonly room: string | null;
  /** In the room log, or null: not stored, forgotten, or its room is not known. */
  readonly sequence: number | null;
  readonly type: string | null;
  readonly time: string | null;
  readonly source: string | null;
  readonly gateways: readonly string[];
  readonly channels: readonly TracedChannel[];
  readonly steps: readonly (Step & { readonly gateway: string })[];
}

const ANSWER_MS = 4_000;
const NEWEST = 20_000;
const LETTERS = 1_000;

/** Asks every gateway of the backbone; with none, what log and dead letters say. Throws BACKBONE_UNAVAILABLE. */
export async function traceEvent(bus: Bus, event: string, rooms: readonly string[]): Promise<TraceReport> {
  const answers = await answersOf(bus, event);
  const steps = answers
    .flatMap(({ gateway, steps }) => steps.map((step) => ({ ...step, gateway })))
    .sort((a, b) => a.at - b.at);
  const heardIn = roomIn(steps);
  const logged = await find(bus, event, heardIn === undefined ? rooms : [heardIn]);
  const letters = await bus.dead.list(null, LETTERS);
  const dead = letters.filter((letter) => letter.event.id === event);
  const room = logged?.event.subject ?? heardIn ?? dead[0]?.event.subject ?? null;
  const expected = answers.flatMap(({ channels }) => channels);
  const places = placesOf([...steps.filter(({ stage }) => stage !== 'heard'), ...dead, ...expected]);
  return {
    event,
    room,
    sequence: logged?.sequence ?? null,
    type: logged?.event.type ?? null,
    time: logged?.event.time ?? null,
    source: logged?.event.source ?? null,
    gateways: [...new Set(answers.map(({ gateway }) => gateway))].sort(),
    channels: places.map((place) => {
      const own = steps.filter((step) => step.stage !== 'heard' && concerns(step, place));
      const letter = dead.find((one) => isOf(one, place));
      return channelOf(place, own, letter?.reason ?? null);
    }),
    steps,
  };
}

/** Nobody there is an answer too; whether the backbone itself is away, the log tells next. */
async function answersOf(bus: Bus, event: string): Promise<readonly TraceAnswer[]> {
  try {
    return await bus.requestAll<TraceAnswer>(['trace'], { event }, ANSWER_MS);
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'BACKBONE_UNAVAILABLE') return [];
    throw error;
  }
}

interface Place {
  readonly network: string;
  readonly channel: string;
}

async function find(bus: Bus, event: string, rooms: readonly string[]): Promise<LoggedEvent | null> {
  for (const room of rooms) {
    const sequence = await bus.sequenceOf(room, event, NEWEST);
    if (sequence === null) continue;
    const [found] = await bus.read(room, { after: sequence - 1, limit: 1 });
    if (found?.event.id === event) return found;
  }
  return null;
}

/** The room that the steps tell of. */
export function roomIn(steps: readonly Step[]): string | undefined {
  for (const { stage, detail } of steps) {
    if (stage === 'heard') return detail;
    if (stage === 'routed') return detail.slice(0, detail.lastIndexOf(', '));
  }
  return undefined;
}

/** A step without channel is about all of its network's. */
function concerns({ network, channel }: Step, place: Place): boolean {
  return network !== '' && network === place.network && (channel === '' || channel === place.channel);
}

function isOf({ network, channel }: Place, place: Place): boolean {
  return network === place.network && channel === place.channel;
}

function placesOf(all: readonly Place[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { network, channel } of all) {
    if (network !== '') places.set(JSON.stringify([network, channel]), { network, channel });
  }
  const listed = [...places.values()];
  const named = new Set(listed.filter(({ channel }) => channel !== '').map(({ network }) => network));
  return listed
    .filter(({ network, channel }) => channel !== '' || !named.has(network))
    .sort((a, b) => (`${a.network} ${a.channel}` < `${b.network} ${b.channel}` ? -1 : 1));
}

function channelOf(place: Place, steps: readonly Step[], letter: string | null): TracedChannel {
  const natives = steps.flatMap(({ stage, detail }) => {
    const id = stage === 'confirmed' ? detail.slice(detail.indexOf(' ') + 1) : '';
    return stage === 'confirmed' && detail.includes(' ') ? [id] : [];
  });
  return { ...place, ...outcomeOf(steps, letter), natives };
}

/** By the last thing that happened. */
function outcomeOf(
  steps: readonly Step[],
  letter: string | null,
): { readonly outcome: Outcome; readonly reason: string | null } {
  const last = steps.at(-1);
  if (last === undefined)
    return letter === null
      ? { outcome: 'unknown', reason: 'no gateway has noted anything about it' }
      : { outcome: 'dead', reason: letter };
  switch (last.stage) {
    case 'confirmed': {
      const missing = missingParts(steps, last);
      return missing === 0
        ? { outcome: 'said', reason: null }
        : { outcome: 'waiting', reason: `${missing} of its parts are not confirmed yet` };
    }
    case 'dropped':
      return { outcome: 'dropped', reason: last.detail };
    case 'digested':
      return { outcome: 'digested', reason: 'older than maxAge when its turn came' };
    case 'dead':
      return { outcome: 'dead', reason: last.detail };
    case 'failed':
      return { outcome: 'waiting', reason: last.detail };
    case 'sent':
      return { outcome: 'waiting', reason: 'sent, not confirmed yet' };
    default:
      return { outcome: 'waiting', reason: 'in the queue' };
  }
}

/** `1/3 id`: the part and how many there are. */
function missingParts(steps: readonly Step[], { detail }: Step): number {
  const count = Number(/^\d+\/(\d+)/.exec(detail)?.[1] ?? 1);
  const confirmed = new Set(
    steps.filter(({ stage }) => stage === 'confirmed').map((step) => step.detail.split(' ')[0]),
  );
  return Math.max(0, count - confirmed.size);
}
