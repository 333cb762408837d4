/** Puts the control server together: what gateways know as the gate, and the commands behind it. */
import { join } from 'node:path';
import type { PrivateMessage } from '../src/bridge.js';
import type { Bus, Subscription } from '../src/bus/index.js';
import type { CommandsConfig, ParleyConfig } from '../src/config/index.js';
import type { CommandView, Desk } from '../src/desk.js';
import type { Asked, Asker, Gate, HeardLine, Origin } from '../src/gate.js';
import type { Logger } from '../src/log.js';
import type { ParleyEvent } from '../src/message/index.js';
import type { Document } from '../src/remote/index.js';
import { type FirstOwnerCode, type OpenAccess, openAccess } from './access/index.js';
import { Answers } from './answers.js';
import { type Bans, openBans } from './bans/index.js';
import { type Broadcasts, openBroadcasts } from './broadcasts/index.js';
import type { Call, CommandInfo } from './call.js';
import { Catalogue } from './catalogue.js';
import { type Act, type Audit, type Command, CommandError } from './command.js';
import { type ConfigCommandParts, configCommand } from './commands/config.js';
import { helpCommands } from './commands/help.js';
import { historyCommands } from './commands/history.js';
import { networkCommands } from './commands/networks.js';
import { operatorCommands } from './commands/operate.js';
import { stateCommands } from './commands/state.js';
import { whoCommands } from './commands/who.js';
import { Front } from './front.js';
import { Known } from './known/index.js';
import { metadataOf } from './metadata.js';
import { bansOnNetworks } from './network-bans.js';
import type { GatewayPorts } from './ports.js';

export interface ControlOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly version: string;
  readonly gateway: GatewayPorts;
  /** Read at each call: a reload changes it. */
  readonly config: () => ParleyConfig;
  /** Shows the code that makes the first owner, where only those who run the gateway read. */
  readonly firstOwner: (code: FirstOwnerCode) => void;
  readonly documents: ConfigCommandParts['documents'];
  /** Documents that this gateway takes. */
  readonly taken: () => readonly (readonly [string, Document])[];
  /** Directory for copies of what was granted and banned, for a start without the backbone; null: none are kept. */
  readonly copies: string | null;
}

interface Opened {
  readonly access: OpenAccess;
  readonly bans: Bans;
  readonly broadcasts: Broadcasts;
  readonly front: Front;
  readonly known: Known;
  readonly offered: Subscription;
}

/** A gateway's share of the control server. Until it is open, everything is let in and nothing is a command. */
export class Control implements Gate {
  readonly #options: ControlOptions;
  readonly #catalogue: Catalogue;
  #opened: Opened | null = null;
  #fixed: readonly Command[] = [];

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#catalogue = new Catalogue(options.bus, options.log);
  }

  /** Resolves once what was granted and banned is known, or the backbone turned out to be away. */
  async open(): Promise<void> {
    const { bus, log, gateway, config, version, firstOwner, copies } = this.#options;
    const audit: Audit = (act: Act) => bus.audit.put({ ...act, time: new Date().toISOString() });
    const permissions = () => this.#catalogue.permissions();
    const access = await openAccess({
      bus,
      config: config(),
      log,
      audit,
      firstOwner,
      permissions,
      ...(copies === null ? {} : { copies }),
    });
    const bans = await openBans({
      bus,
      log,
      audit,
      access,
      config: () => config().bans,
      places: {
        networks: () => [...config().networks.keys()],
        rooms: () => [...config().rooms.keys()],
      },
      networks: bansOnNetworks(gateway),
      ...(copies === null ? {} : { copy: join(copies, 'bans.json') }),
    });
    const known = new Known({ bus, log: log.child({ part: 'known' }) });
    await known.open();
    const { say } = gateway;
    const broadcasts = await openBroadcasts({
      bus,
      gateway: gateway.gateway,
      config,
      access,
      audit,
      say,
      log,
      isRecordYoungerThan: (ageMs) => known.isYoungerThan(ageMs),
    });
    const answers = new Answers({
      gateway: gateway.gateway,
      log,
      say: gateway.say,
      whisper: gateway.whisper,
    });
    const front = this.#frontOf(access, bans, answers, known);
    const { counters } = front;
    this.#fixed = [
      ...helpCommands({ catalogue: this.#catalogue, access, answers }),
      ...stateCommands({ gateway, version, counters: () => counters, startedMs: performance.now() }),
      ...historyCommands({ bus, access, gateway }),
      ...whoCommands({ access, gateway }),
      ...operatorCommands({ bus, access, audit, gateway }),
      ...networkCommands({ access, audit, gateway }),
      configCommand({ access, documents: this.#options.documents }),
      ...access.commands,
      ...bans.commands,
    ];
    this.#catalogue.set([...this.#fixed, ...broadcasts.commands]);
    const offered = bus.commands.serve(version, this.#fixed.map(served));
    this.#opened = { access, bans, broadcasts, front, known, offered };
    this.#banDocumented();
    this.#catalogue.start();
  }

  /** The config was reloaded. */
  reloaded(): void {
    if (this.#opened === null) return;
    const { access, broadcasts } = this.#opened;
    access.reload(this.#options.config());
    this.#banDocumented();
    // Lists may have come, gone, or be called by other words.
    this.#catalogue.set([...this.#fixed, ...broadcasts.commands]);
  }

  #banDocumented(): void {
    this.#opened?.bans.document(this.#options.taken().map(([source, { bans }]) => [source, bans]));
  }

  async stop(): Promise<void> {
    this.#catalogue.stop();
    const opened = this.#opened;
    this.#opened = null;
    await opened?.offered.stop();
    await opened?.broadcasts.stop();
    await opened?.known.stop();
    await opened?.bans.stop();
    await opened?.access.stop();
  }

  refuses(event: ParleyEvent, origin: Origin): string | null {
    return this.#opened?.bans.refuses(event, origin) ?? null;
  }

  /** For who looks; null: not open yet. */
  get desk(): Desk | null {
    const opened = this.#opened;
    if (opened === null) return null;
    return {
      commands: () => this.#catalogue.list().map(({ info }) => commandView(info)),
      bans: (all) => opened.bans.view(all),
      broadcasts: () => opened.broadcasts.view(),
    };
  }

  /** What was asked over HTTP. Never rejects. */
  ask(line: string, asker: Asker): Promise<Asked> | null {
    this.#opened?.known.heard(asker.author);
    return this.#opened?.front.ask(line, asker) ?? null;
  }

  heard(line: HeardLine): void {
    this.#opened?.known.heard(line.author);
    this.#opened?.front.heard(line);
  }

  addressed(network: string, message: PrivateMessage): void {
    this.#opened?.known.heard(message.author);
    this.#opened?.front.addressed(network, message);
  }

  #frontOf(access: OpenAccess, bans: Bans, answers: Answers, known: Known): Front {
    const { bus, log, gateway, config } = this.#options;
    return new Front({
      bus,
      catalogue: this.#catalogue,
      access,
      answers,
      log,
      prefixes: (room) => prefixesOf(config().commands, room),
      self: gateway.self,
      identify: gateway.identify,
      timeoutMs: () => config().commands?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      knownSince: (author) => known.sinceOf(author),
      isSilenced: (caller) => bans.silences(caller, null) !== null,
    });
  }
}

/** Switched off by a reload, commands go on as they were until the restart that this waits for. */
const DEFAULT_TIMEOUT_MS = 5000;

function prefixesOf(commands: CommandsConfig | null, room: string | null): readonly string[] {
  if (commands === null) return [];
  return (room === null ? undefined : commands.rooms[room]?.prefixes) ?? commands.prefixes;
}

function commandView({ name, usage, help, examples, permission, hidden }: CommandInfo): CommandView {
  return { name, usage, help, examples, permission, hidden };
}

/** As a service: who may send there is the backbone's to say, and what they send is a call that a front has checked. */
function served({ info, run }: Command) {
  return {
    name: info.name,
    metadata: metadataOf(info),
    handler: async (body: unknown) => {
      if (!isCall(body)) throw new CommandError('The request is not a call: see docs/control.md.');
      return run(body);
    },
  };
}

function isCall(body: unknown): body is Call {
  if (typeof body !== 'object' || body === null) return false;
  const { command, args, flags, text, caller } = body as Partial<Record<keyof Call, unknown>>;
  const shaped = typeof command === 'string' && Array.isArray(args) && typeof text === 'string';
  if (!shaped || typeof flags !== 'object' || typeof caller !== 'object' || caller === null) return false;
  const { author, rooms } = caller as Partial<Call['caller']>;
  return typeof author === 'string' && Array.isArray(rooms);
}
