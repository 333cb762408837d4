/**
 * Which values of a parsed config must not be shown. The parsed objects themselves stay plain, as bridges expect
 * them, so what is secret in them is remembered beside them. Of an object that is not known, everything is secret.
 */
import type { SourceNode } from './source-node.js';

const hiddenKeys = new WeakMap<object, ReadonlySet<string>>();

/** Remembers which top-level keys of `parsed` came from hidden values at `source`. */
export function rememberSecrets(parsed: unknown, source: SourceNode): void {
  if (typeof parsed !== 'object' || parsed === null || source.kind !== 'map') return;
  const keys = [...source.entries].filter(([, node]) => holdsHidden(node)).map(([key]) => key);
  hiddenKeys.set(parsed, new Set(keys));
}

/** May the value at this top-level key be shown? */
export function isSecret(parsed: unknown, key: string): boolean {
  if (typeof parsed !== 'object' || parsed === null) return true;
  return hiddenKeys.get(parsed)?.has(key) ?? true;
}

function holdsHidden(node: SourceNode): boolean {
  if (node.kind === 'scalar') return node.hidden;
  const children = node.kind === 'map' ? [...node.entries.values()] : node.items;
  return children.some(holdsHidden);
}
