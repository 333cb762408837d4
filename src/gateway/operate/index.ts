export { type Errand, operate } from './operate.js';
export { ordered } from './ordered.js';
export { serveNetworkVerbs } from './over-nats.js';
