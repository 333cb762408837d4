export { awaitGrowth, type Growth, grow, MARK, readGrowth, writeGrowth } from './growth.js';
