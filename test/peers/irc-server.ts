import type { TestContext } from './context.js';
import { connectIrc } from './irc-client.js';
import { freePorts } from './ports.js';
import { type PeerProcess, startProcess, temporaryDirectory } from './process.js';
import { until } from './wait.js';

/** A real IRC server of one test. The ports stay the same over kill and restart. */
export interface IrcServer {
  readonly host: string;
  readonly port: number;
  readonly tlsPort: number | null;
  /** The server's own name on its network: `ngircd-4711.parley.test`. */
  readonly name: string;
  /** PEM file to trust for TLS, or null. */
  readonly ca: string | null;
  /** PASS that clients must give, or null. */
  readonly password: string | null;
  /** For OPER. */
  readonly oper: { readonly name: string; readonly password: string };
  readonly directory: string;
  /** Of the running process; 0 when there is none. */
  readonly pid: number;
  log(): string;
  /** SIGKILL: connections end with a reset or an end of file, nothing is said. */
  kill(): Promise<void>;
  /** SIGTERM: the server says ERROR and ends. */
  stop(): Promise<void>;
  /** Starts again on the same ports after `kill` or `stop`. Resolves when it answers. */
  start(): Promise<void>;
  /** `kill` and `start`. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers, as behind a dead router. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
}

/** How to run one make of server. */
export interface ServerRecipe {
  readonly label: string;
  /** Made up when it is undefined. */
  readonly name?: string | undefined;
  readonly ports: number;
  readonly tls: boolean;
  readonly password: string | null;
  readonly oper: { readonly name: string; readonly password: string };
  /** Runs once per attempt, as other ports may have been chosen. */
  prepare(place: ServerPlace): Promise<ServerCommand>;
}

export interface ServerPlace {
  readonly directory: string;
  readonly name: string;
  /** `[plain, tls?, …]`, as many as the recipe asked for. */
  readonly ports: readonly number[];
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly ca: string | null;
}

const HOST = '127.0.0.1';
const READY_MS = 10_000;
const ATTEMPTS = 5;

let serial = 0;

/** Starts the server; resolves when it answers. */
export async function startIrcServer(t: TestContext, recipe: ServerRecipe): Promise<IrcServer> {
  const directory = await temporaryDirectory(t, recipe.label);
  const name = recipe.name ?? `${recipe.label}-${process.pid}-${++serial}.parley.test`;
  for (let attempt = 1; ; attempt++) {
    const place = { directory, name, ports: await freePorts(recipe.ports) };
    const server = new RunningServer(t, recipe, place, await recipe.prepare(place));
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.kill();
      // The usual reason is that another process was given one of our ports in between.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

class RunningServer implements IrcServer {
  readonly host = HOST;
  readonly port: number;
  readonly tlsPort: number | null;
  readonly name: string;
  readonly ca: string | null;
  readonly password: string | null;
  readonly oper: { readonly name: string; readonly password: string };
  readonly directory: string;
  #process: PeerProcess | null = null;

  constructor(
    readonly t: TestContext,
    readonly recipe: ServerRecipe,
    readonly place: ServerPlace,
    readonly command: ServerCommand,
  ) {
    this.port = place.ports[0] ?? 0;
    this.tlsPort = recipe.tls ? (place.ports[1] ?? null) : null;
    this.name = place.name;
    this.directory = place.directory;
    this.ca = command.ca;
    this.password = recipe.password;
    this.oper = recipe.oper;
  }

  get pid(): number {
    return this.#process?.running ? this.#process.pid : 0;
  }

  log(): string {
    return this.#process?.log() ?? '';
  }

  async start(): Promise<void> {
    const { command, args } = this.command;
    const child = await startProcess(this.t, { name: this.name, command, args, cwd: this.directory });
    this.#process = child;
    const ready = async () => {
      if (!child.running) throw new Error(`${this.name} ended at its start:\n${child.log()}`);
      return await answers(this);
    };
    await until(ready, { what: `${this.name} to answer`, deadlineMs: READY_MS, everyMs: 10 });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  freeze(): void {
    this.#process?.signal('SIGSTOP');
  }

  thaw(): void {
    this.#process?.signal('SIGCONT');
  }
}

/**
 * True when a server of this very name answers on the port: it may be another's by accident. Asks without
 * registering, as InspIRCd registers clients only once a second.
 */
async function answers(server: IrcServer): Promise<boolean> {
  const client = await connectIrc(server).catch(() => null);
  if (client === null) return false;
  client.send('PING ready');
  const answer = await client.waitFor(/^\S+ (451|PONG) /, 1000).catch(() => null);
  await client.destroy();
  return answer?.source === server.name;
}
