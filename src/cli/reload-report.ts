import type { ConfigDiff } from '../config/index.js';
import type { ReloadReport } from '../gateway/index.js';
import type { Output } from './output.js';

export async function showDiff(out: Output, diff: ConfigDiff): Promise<void> {
  if (out.json) out.document({ diff });
  else out.line(await diffText(diff, out.colour));
}

export async function showReload(out: Output, { diff }: ReloadReport): Promise<void> {
  if (out.json) out.document({ diff });
  else out.line(await diffText(diff, out.colour));
}

/** Lines such as `+ room quakeworld`; what only a restart applies is marked so. */
export async function diffText(diff: ConfigDiff, color = false): Promise<string> {
  const { formatDiff } = await import('../config/index.js');
  return formatDiff(diff, { color });
}
