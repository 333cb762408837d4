/** Reloads of the running gateway that nobody asked for by command: SIGHUP, and a saved config file. */

import type { ConfigWatch } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Gateway } from '../gateway/index.js';
import type { Logger } from '../log.js';
import type { Io } from './command.js';
import { diffText } from './reload-report.js';

/** Until `stop`. A config with faults is logged and changes nothing. */
export async function keepReloading(
  io: Io,
  source: { readonly name: string; readonly text: string },
  gateway: Gateway,
  log: Logger,
): Promise<ConfigWatch> {
  const reload = (why: string) => void reloadOnce(gateway, why, log);
  io.context.signals.onReload(() => reload('SIGHUP'));
  const { watchConfig } = await import('../config/index.js');
  return watchConfig(source.name, () => reload('file changed'), { cwd: io.context.cwd, text: source.text });
}

async function reloadOnce(gateway: Gateway, why: string, log: Logger): Promise<void> {
  try {
    const { diff } = await gateway.reload();
    for (const change of (await diffText(diff)).split('\n'))
      log.info('config reloaded', { why, change: change.trim() });
  } catch (error) {
    const fix = error instanceof ParleyError ? error.fix : undefined;
    log.error('config not reloaded, the old one stays', { why, reason: reasonOf(error), fix });
  }
}
