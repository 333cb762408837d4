import { ownEvent, type ParleyEvent } from '../src/message/index.js';

/** What the control server says in a room: as it is, with nobody's name in front. */
export function saidIn(room: string, channel: string, text: string, gateway: string): ParleyEvent {
  const author = { id: `parley:${gateway}`, name: 'parley', verified: true, bot: true };
  return ownEvent({ type: 'command.reply', room, author, text, channel });
}
