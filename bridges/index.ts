/** The kinds of bridge: one line each, loaded when a network of that kind is opened. */
import type { Bridge } from '../src/bridge.js';

// biome-ignore lint/suspicious/noExplicitAny: each bridge has its own config type, which only its own spec produces.
type AnyBridge = Bridge<any, any>;

export const BRIDGES: Readonly<Record<string, () => Promise<{ default: AnyBridge }>>> = {
  irc: () => import('./irc/index.js'),
};
