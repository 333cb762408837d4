/** Where an event came from, in words: `quakenet #quakeworld`, `HTTP portal`. */
export function placeOf(source: string): string {
  const [, kind, first = '', , channel = ''] = source.split('/');
  if (kind === 'gateway') return 'Parley';
  if (kind === 'broadcasts') return `list ${decoded(first)}`;
  if (kind === 'http') return `HTTP ${decoded(first)}`;
  return kind === 'networks' ? `${decoded(first)} ${decoded(channel)}` : source;
}

/** A token of a subject: bytes that subjects cannot hold stand in it as `=HH`. */
function decoded(token: string): string {
  try {
    return decodeURIComponent(token.replace(/=([0-9A-F]{2})/g, '%$1'));
  } catch {
    return token;
  }
}
