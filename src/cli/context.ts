/** What a command may touch. Only src/main.ts builds one from the real process; tests and commands take it as it is. */
export interface CliContext {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the directory that relative paths start from. */
  readonly cwd: string;
  /** Login name of whoever runs the command. */
  readonly user: string;
  readonly host: string;
  readonly version: string;
  /** Both ends of a conversation are a terminal: questions may be asked. */
  readonly interactive: boolean;
  readonly signals: Signals;
}

export interface Terminal {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Characters per line. */
  readonly columns: number;
}

export interface Signals {
  /** SIGINT or SIGTERM. Without a listener the program ends at once; a second signal always ends it. */
  onStop(listener: () => void): void;
  /** SIGHUP. Without a listener the program ends. */
  onReload(listener: () => void): void;
  /** What nobody caught: the listener stops what it can, then the program ends with 70. */
  onCrash(listener: (error: unknown) => void): void;
}
