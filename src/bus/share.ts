import type { JetStreamManager } from 'nats';
import { type DeliverySource, NetworkDeliveries } from './deliveries.js';
import { SecondReader } from './second-reader.js';
import type { Deliveries, Delivery, Subscription } from './types.js';

export interface ShareSource extends DeliverySource {
  readonly manager: JetStreamManager;
  /** Name of the consumer of a second reading. */
  readonly second: string;
  /** Calls back when a second reading was begun anywhere. */
  readonly hear: (begun: () => void) => Subscription;
}

/** One network's share of the log: what its consumer gives, and what is read a second time. Resolves when that is open. */
export async function openShare(
  source: ShareSource,
  handler: (delivery: Delivery) => void,
): Promise<Deliveries> {
  const first = new NetworkDeliveries(source, handler);
  try {
    await source.ask(`deliveries of ${source.consumer.name}`, () => first.open());
  } catch (error) {
    await first.stop();
    throw error;
  }
  const { stream } = source.consumer;
  const second = new SecondReader(
    { ...source, stream, name: source.second, firstAt: () => first.last },
    handler,
  );
  const stop = async (): Promise<void> => {
    await Promise.all([second.stop(), first.stop()]);
  };
  return { lag: () => first.lag(), stop };
}
