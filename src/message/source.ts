/** The `source` attribute: a URI reference made of encoded tokens (CloudEvents 1.0.2 §source-1). */
import { decodeToken, encodeToken } from './token.js';

/** Where an event came from, taken apart. */
export type Source =
  | { readonly kind: 'network'; readonly network: string; readonly channel: string }
  | { readonly kind: 'http'; readonly token: string };

/** `/networks/{network}/channels/{channel}`, tokens encoded. */
export function encodeSource(network: string, channel: string): string {
  return `/networks/${encodeToken(network)}/channels/${encodeToken(channel)}`;
}

/** `/http/{token name}`, encoded. */
export function encodeHttpSource(token: string): string {
  return `/http/${encodeToken(token)}`;
}

/** Takes a source apart; null for one that Parley did not make. */
export function parseSource(source: string): Source | null {
  const [empty, kind, first, channels, channel, ...rest] = source.split('/');
  if (empty !== '' || first === undefined || rest.length > 0) return null;
  const name = decodeToken(first);
  if (name === null) return null;
  if (kind === 'http' && channels === undefined) return { kind, token: name };
  const address = decodeToken(channel ?? '');
  if (kind !== 'networks' || channels !== 'channels' || address === null) return null;
  return { kind: 'network', network: name, channel: address };
}
