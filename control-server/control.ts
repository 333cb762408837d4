/** Puts the control server together: what gateways know as the gate, and the commands behind it. */
import type { PrivateMessage } from '../src/bridge.js';
import type { Bus, Subscription } from '../src/bus/index.js';
import type { CommandsConfig } from '../src/config/index.js';
import type { Gate, HeardLine } from '../src/gate.js';
import type { Logger } from '../src/log.js';
import { Answers } from './answers.js';
import type { Call } from './call.js';
import { Catalogue } from './catalogue.js';
import { type Access, type Act, type Command, CommandError } from './command.js';
import { helpCommands } from './commands/help.js';
import { historyCommands } from './commands/history.js';
import { operatorCommands } from './commands/operate.js';
import { stateCommands } from './commands/state.js';
import { whoCommands } from './commands/who.js';
import { type Asked, type Asker, Front } from './front.js';
import { metadataOf } from './metadata.js';
import type { GatewayPorts } from './ports.js';

export interface ControlOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly version: string;
  readonly gateway: GatewayPorts;
  /** Read at each call: a reload changes it. */
  readonly config: () => CommandsConfig;
}

/** A gateway's share of the control server. */
export class Control implements Gate {
  readonly #options: ControlOptions;
  readonly #catalogue: Catalogue;
  readonly #front: Front;
  #offered: Subscription | null = null;

  constructor(options: ControlOptions, access: Access) {
    const { bus, log, gateway, config, version } = options;
    this.#options = options;
    this.#catalogue = new Catalogue(bus, log);
    const answers = new Answers({
      gateway: gateway.gateway,
      log,
      say: gateway.say,
      whisper: gateway.whisper,
    });
    this.#front = new Front({
      bus,
      catalogue: this.#catalogue,
      access,
      answers,
      log,
      prefixes: (room) => prefixesOf(config(), room),
      self: gateway.self,
      identify: gateway.identify,
      timeoutMs: () => config().timeoutMs,
    });
    const audit = (act: Act) => bus.audit.put({ ...act, time: new Date().toISOString() });
    const counters = () => this.#front.counters;
    this.#catalogue.add([
      ...helpCommands({ catalogue: this.#catalogue, access, answers }),
      ...stateCommands({ gateway, version, counters, startedMs: performance.now() }),
      ...historyCommands({ bus, access, gateway }),
      ...whoCommands({ access, gateway }),
      ...operatorCommands({ bus, access, audit, gateway }),
    ]);
  }

  start(): void {
    const { bus, version } = this.#options;
    this.#offered = bus.serveCommands(version, this.#catalogue.own().map(served));
    this.#catalogue.start();
  }

  async stop(): Promise<void> {
    this.#catalogue.stop();
    await this.#offered?.stop();
  }

  refuses(): string | null {
    return null;
  }

  /** What was asked over HTTP. Never rejects. */
  ask(line: string, asker: Asker): Promise<Asked> {
    return this.#front.ask(line, asker);
  }

  heard(line: HeardLine): void {
    this.#front.heard(line);
  }

  addressed(network: string, message: PrivateMessage): void {
    this.#front.addressed(network, message);
  }
}

function prefixesOf({ prefixes, rooms }: CommandsConfig, room: string | null): readonly string[] {
  return (room === null ? undefined : rooms[room]?.prefixes) ?? prefixes;
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
