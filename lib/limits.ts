// Every limit of the server in one place; each has a test.
export const LIMITS = {
  /** Bytes of a request body. */
  bodyBytes: 1 << 20,
  headerBytes: 16 << 10,
  urlLength: 4096,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  /** How often connections are looked at for these times. */
  connectionsCheckMs: 2_000,
  maxConnections: 1024,
  /** Of these, how many may be open without having asked for anything; the oldest go first. */
  silentConnections: 512,
  /** What another machine may ask; programs on this one are not held back. */
  requestsPerSecond: 50,
  requestBurst: 200,
  /** Wrong tokens of one address that are answered; the right one is always taken. */
  wrongTokensPerMinute: 20,
  /** Addresses of which that is remembered. */
  rememberedPeers: 10_000,
  /** Bytes of one frame from a WebSocket or socket.io client. */
  frameBytes: 64 << 10,
  /** Pieces that a client may send a frame in. */
  fragments: 64,
  webSockets: 256,
  liveSockets: 256,
  /** Of server-sent events. */
  eventStreams: 256,
  /** WebSocket and socket.io connections and event streams of another machine, each. */
  socketsPerPeer: 64,
  /** Bytes that may wait for a slow client: reading pauses at an eighth; who takes nothing is dropped, and resumes with `after`. */
  webSocketBufferBytes: 1 << 20,
  pingMs: 20_000,
  missedPings: 2,
  /** How long what needs the database waits for another program that holds its lock. */
  databaseBusyMs: 60_000,
  maxParallel: 4,
  maxWaiting: 100,
  /** What a command or check may take to come to its end when the server stops. */
  drainMs: 10_000,
  /** What a command of the agent may take, if it says nothing, and at most. */
  commandSeconds: 120,
  commandMaxSeconds: 1800,
  /** Of its output, head and tail are kept; a command that prints more than the second is ended. */
  outputKeptBytes: 1 << 20,
  outputMaxBytes: 256 << 20,
  /** Of one sandboxed command with everything it starts. Memory: no more than three quarters of the machine's either. */
  commandMemoryBytes: 8 * 2 ** 30,
  commandProcesses: 2048,
  /** Of each of its processes. */
  commandOpenFiles: 4096,
  commandFileKiB: 4 << 20,
  /** Folders of one directory that a person is shown to choose from. */
  foldersListed: 1000,
  /** Of one attempt to tell the webhook. */
  webhookTimeoutMs: 10_000,
  /** The longest wait until the next one. */
  webhookRetryMs: 300_000,
  /** What could not be told for so long is given up. */
  webhookGiveUpMs: 3 * 86_400_000,
  /** Characters of each text it is told. */
  webhookTextLength: 2000,
  /** How long a provider is waited for when somebody asks whether it answers, and how much of its list is read. */
  providerCheckMs: 5_000,
  providerListBytes: 1 << 20,
  /** Entries of the log that can be looked at, and characters of each. */
  logEntriesKept: 200,
  logEntryLength: 4000,
  /** Gates that one page may say it looks at. */
  gatesReviewed: 20,
  /** Of the proxy of one command with a list of allowed hosts. */
  proxyConnections: 256,
  /** Addresses of a name that are tried, and how long each. */
  proxyAddresses: 4,
  proxyConnectMs: 10_000,
  /** A connection on which nothing comes for so long is closed. */
  proxyIdleMs: 300_000,
} as const
