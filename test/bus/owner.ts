/** Takes deliveries, acknowledges all but every third, says when `count` are in hand, and waits to be killed. */
import { connectBus } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { busOptions } from './fixtures.js';

const [, , url = '', network = '', count = '0'] = process.argv;
const bus = await connectBus(busOptions({ servers: [url] }), silentLogger);
let seen = 0;
await bus.deliveries(network, (delivery) => {
  if (seen % 3 !== 0) delivery.ack();
  seen += 1;
  if (seen === Number(count)) {
    // The round trip tells that the acknowledgements have arrived.
    void bus.ping().then(() => process.send?.('full'));
  }
});
process.send?.('open');
