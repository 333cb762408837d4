/** What the control server needs of the gateway that it is part of. */
import type { Author } from '../src/bridge.js';
import type { ParleyEvent } from '../src/message/index.js';
import type { Verb } from '../src/orders/index.js';
import type { RoomMember } from '../src/roster/index.js';

export interface GatewayPorts {
  /** The name under which the gateway answers on the backbone. */
  readonly gateway: string;
  readonly rooms: () => readonly RoomSeen[];
  /** Of all gateways, as far as they have told. */
  readonly networks: () => Promise<readonly NetworkSeen[]>;
  /** Who is in the channels of a room, as far as their networks tell. */
  readonly members: (room: string) => readonly RoomMember[];
  readonly backbone: () => BackboneSeen;
  /** Accepts an event into its room. Throws as `Bus.store`. */
  readonly say: (event: ParleyEvent) => Promise<unknown>;
  /** Says something to one person alone. Throws ParleyError. */
  readonly whisper: (network: string, person: string, text: string) => Promise<void>;
  /** The name of our bot on a network; null: it is not connected here. */
  readonly self: (network: string) => string | null;
  /** Asks the network who somebody is; null: it cannot tell. */
  readonly identify: (network: string, person: string, mask: string | null) => Promise<Author | null>;
  /** What owners of networks can do there about people; only of networks that are ours now. */
  readonly people: PeoplePorts;
  /** Has the owner of a network do something; not on record. Throws ParleyError. */
  readonly operate: (errand: {
    readonly network: string;
    readonly verb: Verb;
    readonly body: object;
    /** Who ordered it, for people. */
    readonly by: string;
  }) => Promise<object>;
  /** All gateways load their config again; one line each of what changed, or why not. */
  readonly reload: () => Promise<readonly string[]>;
}

export interface PeoplePorts {
  readonly owns: (network: string) => boolean;
  /** Each rejects when it is not in force there; the message says why. */
  readonly ban: (network: string, channel: string, mask: string, untilMs: number | null) => Promise<void>;
  readonly unban: (network: string, channel: string, mask: string) => Promise<void>;
  readonly kick: (network: string, channel: string, person: string, reason: string) => Promise<void>;
}

export interface RoomSeen {
  readonly name: string;
  readonly channels: readonly {
    readonly network: string;
    readonly channel: string;
    /** Joined by command. */
    readonly byCommand?: true;
  }[];
}

export interface NetworkSeen {
  readonly network: string;
  readonly bridge: string;
  readonly state: string;
  /** When it entered that state: RFC 3339, UTC. */
  readonly since: string;
  readonly reason: string | null;
  readonly owner: string | null;
  /** Channel, or `*`, of which nothing is relayed, and until when. */
  readonly muted: Readonly<Record<string, string | null>>;
  readonly lag: number;
  readonly queued: number;
  readonly counters: { readonly received: number; readonly delivered: number; readonly dead: number };
}

export interface BackboneSeen {
  readonly state: string;
  /** Why it cannot be used. */
  readonly reason: string | null;
  /** Events that wait for it here. */
  readonly waiting: number;
}
