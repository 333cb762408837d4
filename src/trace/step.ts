/** What happened to one event, once: the journal holds these in order of time. */
export const STAGES = [
  /** A network said it; `detail`: the room. */
  'heard',
  /** The room log has it; `detail`: its sequence, or `duplicate`. */
  'stored',
  /** The backbone is away: it waits on the disk of this machine. */
  'spooled',
  /** The room log would not take it; `detail`: why. */
  'refused',
  /** To be said in a channel; `detail`: the room, then `, fast path` or `, log` and its sequence. */
  'routed',
  /** Not said; `detail`: why. */
  'dropped',
  /** A part was handed to the network; `detail`: `1/2 text`. */
  'sent',
  /** The network took a part; `detail`: `1/2 native id`, or `1/2`. */
  'confirmed',
  /** The network did not take a part; `detail`: `1/2 outcome: reason`. */
  'failed',
  /** Too old: told in a digest line. */
  'digested',
  /** Dead-lettered; `detail`: why. */
  'dead',
] as const;
export type Stage = (typeof STAGES)[number];

export interface Step {
  /** ms since 1970. */
  readonly at: number;
  readonly event: string;
  readonly stage: Stage;
  /** Empty: no network's doing. */
  readonly network: string;
  readonly channel: string;
  readonly detail: string;
}

/** Takes note of a step; costs the caller next to nothing and never throws. */
export type Note = (event: string, stage: Stage, network: string, channel: string, detail: string) => void;

/** One line of the journal, with its end. */
export function encodeStep({ at, event, stage, network, channel, detail }: Step): string {
  return `${JSON.stringify([at, event, stage, network, channel, detail])}\n`;
}

/** Null for a line that is no step: cut by a crash, or written by another version. */
export function decodeStep(line: string): Step | null {
  try {
    const [at, event, stage, network, channel, detail] = JSON.parse(line) as readonly unknown[];
    const known = STAGES.find((one) => one === stage);
    if (typeof at !== 'number' || known === undefined) return null;
    const texts = [event, network, channel, detail];
    if (texts.some((text) => typeof text !== 'string')) return null;
    return { at, event, stage: known, network, channel, detail } as Step;
  } catch {
    return null;
  }
}
