import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  freePorts,
  type IrcServer,
  type PeerProcess,
  type TestContext,
  temporaryDirectory,
  until,
} from '../peers/index.js';
import { post, startProgram } from './program.js';
import { twoNetworks } from './stage.js';

const TOKEN = 'parley_crash';
const READY_MS = 20_000;

/** Parley as a program of its own, which a test may end in any way and start again in the same place. */
export class ParleyProcess {
  readonly #url: string;
  #process: PeerProcess | null = null;

  private constructor(
    readonly t: TestContext,
    readonly directory: string,
    readonly httpPort: number,
  ) {
    this.#url = `http://127.0.0.1:${httpPort}`;
  }

  /** Between `#a` of one IRC server and `#b` of another, in the room `lobby`; running when the promise resolves. */
  static async between(t: TestContext, one: IrcServer, two: IrcServer): Promise<ParleyProcess> {
    const directory = await temporaryDirectory(t, 'parley');
    const [httpPort = 0] = await freePorts(1);
    await writeFile(join(directory, 'parley.yaml'), configOf(one, two, httpPort));
    const parley = new ParleyProcess(t, directory, httpPort);
    await parley.start();
    return parley;
  }

  /** On another machine: an empty directory, with the same address for HTTP. */
  async elsewhere(): Promise<ParleyProcess> {
    const directory = await temporaryDirectory(this.t, 'parley');
    return new ParleyProcess(this.t, directory, this.httpPort);
  }

  /** Resolves once every network is in its channels. */
  async start(): Promise<void> {
    const { directory } = this;
    const config = join(directory, 'parley.yaml');
    this.#process = await startProgram(this.t, { name: 'parley', directory, config });
    await this.ready();
  }

  async ready(): Promise<void> {
    const asked = () => fetch(`${this.#url}/readyz`).then(({ ok }) => ok);
    await until(() => asked().catch(() => false), { what: 'Parley to be ready', deadlineMs: READY_MS });
  }

  /** SIGKILL, and gone when the promise resolves. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#process?.signal('SIGTERM');
    const exit = await this.#process?.exited;
    return exit?.code ?? null;
  }

  /** Process id of the nats-server it runs. */
  async nodePid(): Promise<number> {
    const record = await readFile(join(this.directory, 'data/node.json'), 'utf8');
    return (JSON.parse(record) as { readonly pid: number }).pid;
  }

  /** Repeats under one Idempotency-Key, as a careful client does, until it is answered with 202. */
  async say(text: string): Promise<void> {
    await until(() => this.#post(text).catch(laterIfAway), {
      what: `"${text}" to be accepted`,
      deadlineMs: READY_MS,
    });
  }

  async #post(text: string): Promise<boolean> {
    const line = { url: this.#url, token: TOKEN, room: 'lobby', text, timeoutMs: READY_MS };
    const { status, reply } = await post(line);
    // Any other refusal would be one for ever.
    if (status !== 202 && status !== 503) throw new RangeError(`${status}: ${reply}`);
    return status === 202;
  }
}

/** `fetch` rejects with a TypeError when nobody answers. */
function laterIfAway(error: unknown): false {
  if (error instanceof TypeError) return false;
  throw error;
}

function configOf(one: IrcServer, two: IrcServer, httpPort: number): string {
  const hash = createHash('sha256').update(TOKEN).digest('hex');
  return `node: { name: crash, listen: "127.0.0.1:auto", store: ./data }
http:
  listen: 127.0.0.1:${httpPort}
  tokens: [ { name: tester, hash: "sha256:${hash}", scopes: [write] } ]
${twoNetworks(one, two)}`;
}
