import { BRIDGES } from '../../bridges/index.js';
import { type Loaded, loadConfig } from '../../src/config/index.js';

/** Loads the file anew with each call, with every bridge that there is. */
export function loaderOf(directory: string, source: string): () => Promise<Loaded> {
  return () =>
    loadConfig({
      source,
      cwd: directory,
      env: {},
      kinds: Object.keys(BRIDGES),
      bridges: async (kind) => (await BRIDGES[kind]?.())?.default ?? null,
    });
}
