/** Header of an event in ROOMS: the networks, separated by commas, that had said it before the log had it. */
export const SAID_HEADER = 'Parley-Said';
