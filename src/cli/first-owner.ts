import type { FirstOwnerCode } from '../gateway/index.js';
import type { Io } from './command.js';

/** To stderr, beside the logs: whoever reads those runs the gateway. */
export function showFirstOwner({ context }: Io, { code, expires }: FirstOwnerCode): void {
  const until = expires.toISOString().slice(11, 16);
  context.stderr.write(
    `parley: nobody owns this Parley yet. To become its owner, log in to your account on IRC and say to the bot alone, until ${until} UTC:\n  claim ${code}\n`,
  );
}
