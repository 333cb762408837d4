/** `host:port` texts; IPv6 addresses stand in brackets. */

export interface ListenAt {
  readonly host: string;
  /** Null: any free one. */
  readonly port: number | null;
}

export function formatAddress({ host, port }: ListenAt): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port ?? 0}`;
}

/** Of a checked text: see cluster-file.ts. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** All addresses of the machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
