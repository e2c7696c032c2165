/** The data directory cannot be used as it is. The message is for the person who starts the server: what is wrong, what to do. */
export class StartRefused extends Error {}
