import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
/** Of a program that hangs, not of a slow machine. */
const LIMIT_MS = 120_000;

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** What Node must be given to run the built program. */
export function nodeArgs(...args: readonly string[]): readonly string[] {
  return [MAIN, ...args];
}

/** Runs the built program to its end. */
export function parley(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
  return node([MAIN, ...args], options);
}

/** The tests of a file begin all at once; more programs than processors would only lengthen each. */
let turns = Promise.resolve();

/** Runs Node to its end. */
export function node(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
  const answer = turns.then(() => runNode(args, options));
  turns = answer.then(
    () => {},
    () => {},
  );
  return answer;
}

async function runNode(args: readonly string[], options: RunOptions): Promise<Answer> {
  const child = startNode(args, options);
  child.stdin?.end(options.stdin ?? '');
  const output = collect(child);
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(limit);
  return { code, stdout: output.stdout, stderr: output.stderr };
}

/** Starts the built program and leaves it running; whoever starts it ends it. */
export function startParley(args: readonly string[], options: RunOptions = {}): ChildProcess {
  return startNode([MAIN, ...args], options);
}

/** Starts Node and leaves it running; whoever starts it ends it. */
export function startNode(args: readonly string[], options: RunOptions): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '', PARLEY_CONFIG: '', ...options.env },
    stdio: 'pipe',
  });
}

/** What the program has written up to now. */
export function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return output;
}
