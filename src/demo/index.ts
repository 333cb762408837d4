export { type DemoServer, startDemo } from './server.js';
