/** The one line that stands for messages which became too old to be said. */
export function digestText(count: number, roomCount: number): string {
  const messages = count === 1 ? '1 older message' : `${count} older messages`;
  const rooms = roomCount === 1 ? '1 room' : `${roomCount} rooms`;
  return `${messages} from ${rooms} skipped`;
}
