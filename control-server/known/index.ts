export { Known, type KnownOptions } from './known.js';
