/** Starts a node on the store given as argument, says its pid and address, and waits to be killed. */
import { silentLogger } from '../../src/log.js';
import { startNode } from '../../src/node/index.js';

const [, , store = ''] = process.argv;
const node = await startNode(
  { name: 'alpha', listen: { host: '127.0.0.1', port: null }, store },
  silentLogger,
);
process.send?.({ pid: node.pid, url: node.address.servers[0] });
