/** Names of networks and rooms: they become subjects, file names, log labels and URL parts. */
export const NAME = /^[A-Za-z0-9._-]{1,64}$/;
export const NAME_WORDS = 'a name of 1-64 letters, digits, ".", "_" or "-"';
