export type { RoomFeed } from './feed.js';
export { encodeLogged } from './frame.js';
export { openSse } from './sse.js';
export { Streams } from './streams.js';
export { openWebSocket } from './websocket.js';
