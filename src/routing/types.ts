/** Pure decisions: where an event goes and how it reads there. */
import type { Capabilities } from '../bridge.js';
import type { NetworkConfig } from '../config/index.js';
import type { EventData, Markup, ParleyEvent } from '../message/index.js';

/** One channel that an event is to be said in. */
export interface Target {
  readonly network: string;
  readonly channel: string;
  readonly room: string;
  /** One person alone: `channel` is their address. */
  readonly private?: true;
}

/** Why an event is not said somewhere, or nowhere: counted, never silent. */
export type DropReason =
  | 'loop'
  | 'own-channel'
  | 'direction'
  | 'hidden'
  | 'left-out'
  | 'ignored-nick'
  | 'ignored-text'
  | 'duplicate'
  | 'unknown-room'
  | 'empty';

export interface Routes {
  /** Rooms that hear this channel (direction in or both). Cost independent of the number of rooms. */
  roomsOf(network: string, channel: string): readonly string[];
  /**
   * The channels of `network` that the event is to be said in. `onDrop`: told each time one, or (without channel)
   * all, are left out.
   */
  targetsOf(
    event: ParleyEvent,
    network: string,
    onDrop?: (reason: DropReason, channel?: string) => void,
  ): readonly Target[];
  /** Networks with at least one channel that may speak in the room. */
  networksOf(room: string): readonly string[];
  /** Channels to be in on a network, each once. */
  channelsOf(
    network: string,
  ): readonly { readonly address: string; readonly options: Readonly<Record<string, unknown>> }[];
  /** The channel's filter applied to what came in: the text to go on with, or why to drop it. */
  admit(network: string, channel: string, room: string, data: EventData): EventData | DropReason;
}

/** What rendering must know of the target. */
export interface RenderTarget {
  readonly network: NetworkConfig;
  readonly capabilities: Capabilities;
  readonly target: Target;
  /** Bytes of one part. */
  readonly maxBytes: number;
  /** What the event answers, where the target cannot point at it. */
  readonly quote?: Quote;
}

/** The beginning of what somebody said. */
export interface Quote {
  readonly name: string;
  readonly text: string;
  readonly markup: Markup;
}

export interface Rendered {
  readonly type: 'chat.message' | 'chat.action' | 'chat.notice';
  /** Never empty; each fits `maxBytes`. */
  readonly parts: readonly string[];
  /** What each part does to a message that is there already, by part; absent: they are all new. */
  readonly acts?: readonly Act[];
}

/** By native id, as in `OutboundMessage`. */
export interface Act {
  readonly edits?: string;
  readonly deletes?: string;
  readonly replyTo?: string;
}
