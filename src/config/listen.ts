import { z } from 'zod';

/** Where to listen. Port null: any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number | null;
}

const LISTEN = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5}|auto)$/;
const EXPECTED = 'an address such as "127.0.0.1:8088", "127.0.0.1:auto" or "auto"';

/** `host:port`, `[::1]:port`; port `0` or `auto`, or `auto` alone, is any free one. */
export function listenField(description: string) {
  return z
    .string()
    .refine((text) => parseListen(text) !== null, `expected ${EXPECTED}`)
    .transform((text) => parseListen(text) ?? { host: '127.0.0.1', port: null })
    .meta({ description, expected: EXPECTED });
}

function parseListen(text: string): ListenAddress | null {
  if (text === 'auto') return { host: '127.0.0.1', port: null };
  const [, address, name, port = ''] = LISTEN.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined || Number(port) > 65535) return null;
  return { host, port: port === 'auto' || Number(port) === 0 ? null : Number(port) };
}

/** Reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
