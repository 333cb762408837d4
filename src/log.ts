import winston from 'winston';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * error = a person must act; warn = something was lost or is degraded; info = state changed; debug = traffic.
 * Message bodies only at debug, secrets never.
 */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** `text` for people, `json` (one object per line) for machines. */
  readonly format: 'text' | 'json';
}

/** Writes to stderr, so that stdout stays free for what a command answers. */
export function createLogger(options: LogOptions): Logger {
  const format =
    options.format === 'json'
      ? winston.format.combine(winston.format.timestamp(), winston.format.json())
      : winston.format.combine(winston.format.timestamp(), winston.format.printf(toLine));
  return winston.createLogger({
    level: options.level,
    format,
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}

/** Discards everything; for tests and for commands that answer on stdout only. */
export const silentLogger: Logger = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  child: () => silentLogger,
};

function toLine(info: winston.Logform.TransformableInfo): string {
  const { timestamp, level, message, ...fields } = info;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${printable(value)}`);
  return `${String(timestamp)} ${level.padEnd(5)} ${String(message)}${pairs.join('')}`;
}

function printable(value: unknown): string {
  return typeof value === 'string' && /^[\w#@.:/+-]+$/.test(value) ? value : JSON.stringify(value);
}
