import { PassThrough } from 'node:stream';
import type { CliContext, Terminal } from '../../src/cli/index.js';

/** A terminal or a pipe whose text can be read. */
export class Recorder implements Terminal {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 80;

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

export interface FakeContext extends CliContext {
  readonly stdout: Recorder;
  readonly stderr: Recorder;
}

/** For what a command decides by itself; whatever needs a gateway is tested against a real one. */
export function fakeContext(given: { tty?: boolean; env?: CliContext['env']; cwd?: string } = {}) {
  const context: FakeContext = {
    stdin: new PassThrough(),
    stdout: new Recorder(given.tty ?? false),
    stderr: new Recorder(given.tty ?? false),
    env: given.env ?? {},
    cwd: given.cwd ?? '/nonexistent',
    user: 'tester',
    host: 'here',
    version: '9.9.9',
    interactive: false,
    signals: { onStop: () => {}, onReload: () => {}, onCrash: () => {} },
  };
  return context;
}
