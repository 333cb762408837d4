import { ParleyError } from '../../src/errors.js';
import { FollowedBucket } from '../../src/replica/index.js';
import { CommandError } from '../command.js';

/** Tells the caller of a command that the backbone is away. */
export async function onBackbone<Result>(exchange: () => Promise<Result>): Promise<Result> {
  try {
    return await exchange();
  } catch (error) {
    if (!(error instanceof ParleyError && error.code.startsWith('BACKBONE_'))) throw error;
    throw new CommandError('The backbone is away, so nothing was changed. Try again in a moment.', {
      cause: error,
    });
  }
}

/** One that commands write to: CommandError while the backbone is away. */
export class CommandBucket extends FollowedBucket {
  override put(key: string, value: unknown): Promise<void> {
    return onBackbone(() => super.put(key, value));
  }

  override delete(key: string): Promise<void> {
    return onBackbone(() => super.delete(key));
  }
}
