/** Puts the parts together. */
import type { Bus } from '../../src/bus/index.js';
import { timeOfDay } from '../../src/clock.js';
import { type BroadcastListConfig, commandOf, type ParleyConfig } from '../../src/config/index.js';
import type { BroadcastsView } from '../../src/desk.js';
import type { Logger } from '../../src/log.js';
import type { ParleyEvent } from '../../src/message/index.js';
import type { Access, Audit, Command } from '../command.js';
import { type Counts, countsOf } from './counts.js';
import { Ledger } from './ledger.js';
import { Lists } from './lists.js';
import { Manage } from './manage.js';
import { Overview } from './overview.js';
import { Replies } from './replies.js';
import { Speaker } from './speaker.js';
import { broadcastsView } from './view.js';

export interface BroadcastsOptions {
  readonly bus: Bus;
  /** Name of this gateway: no other may have it. */
  readonly gateway: string;
  /** Asked at each call: a reload applies at once. */
  readonly config: () => ParleyConfig;
  readonly access: Access;
  readonly audit: Audit;
  /** Stores an event for its room, and says it; rejects when it cannot be stored. */
  readonly say: (event: ParleyEvent) => Promise<unknown>;
  readonly log: Logger;
  /** The record of accounts is younger than so many ms: nobody's age is known. Default: it is not. */
  readonly isRecordYoungerThan?: (ageMs: number) => boolean;
  /** Ms since 1970. */
  readonly now?: () => number;
}

export interface Broadcasts {
  /** `broadcasts`, `broadcast`, and one for each word of each list, as the config is now. */
  readonly commands: readonly Command[];
  /** By list, of all gateways together. */
  counts(): ReadonlyMap<string, Counts>;
  /** For the console. */
  view(): BroadcastsView;
  stop(): Promise<void>;
}

/** Resolves once what all gateways know was read, or could not be because the backbone is away: it is read later then. */
export async function openBroadcasts(options: BroadcastsOptions): Promise<Broadcasts> {
  const { bus, gateway, config, access, audit, say, log, now = timeOfDay } = options;
  const { isRecordYoungerThan = () => false } = options;
  const ledger = new Ledger({ bus, gateway, now, log });
  const speaker = new Speaker({ config, ledger, say, log });
  const replies = new Replies(config, ledger);
  const lists = new Lists({ config, access, ledger, speaker, replies, isRecordYoungerThan, now });
  const fixed = [
    new Overview(config, ledger, now).command,
    new Manage({ config, access, audit, ledger, now }).command,
  ];
  await ledger.open();
  const table = remembered(config, (all) => tableOf(all, lists));
  return {
    get commands() {
      return [...fixed, ...table()];
    },
    counts: () =>
      new Map(config().broadcasts.lists.map(({ name }) => [name, countsOf(ledger.records(name))])),
    view: () => broadcastsView(config(), ledger, now()),
    stop: () => ledger.stop(),
  };
}

function tableOf(config: readonly BroadcastListConfig[], lists: Lists): readonly Command[] {
  return config.flatMap((list) => {
    const names = new Set(list.commands.map(commandOf));
    return [...names].map((name) =>
      commandFor(
        list,
        list.commands.filter((word) => commandOf(word) === name),
        lists,
      ),
    );
  });
}

/** `words`: those that are one command, at least one; they differ in their prefix. */
function commandFor(list: BroadcastListConfig, words: readonly string[], lists: Lists): Command {
  const [word = ''] = words;
  return {
    info: {
      name: commandOf(word),
      usage: '<text>',
      help: `${list.about ?? `Calls everybody who hears ${list.name}.`} Typed as ${list.commands.join(' or ')}.`,
      examples: [`${word} 4on4, two more needed`],
      // Who may is the list's to say, and counted there.
      permission: null,
      cooldownMs: 0,
      hidden: false,
      privateOnly: false,
    },
    words,
    run: (call) => lists.call(list.name, word, call),
  };
}

/** Made anew when the config is another. */
function remembered(
  config: () => ParleyConfig,
  make: (lists: readonly BroadcastListConfig[]) => readonly Command[],
): () => readonly Command[] {
  let known: { readonly lists: readonly BroadcastListConfig[]; readonly table: readonly Command[] } | null =
    null;
  return () => {
    const { lists } = config().broadcasts;
    if (known?.lists !== lists) known = { lists, table: make(lists) };
    return known.table;
  };
}
