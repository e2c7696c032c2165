// The words for what the commands of a run ran in: its name on the wire, and what people should know of it.

/** That of macOS, whose rules nobody could try yet. */
export const UNTESTED_SANDBOX = 'seatbelt'

export const SANDBOX_MODE =
  '`bwrap`: bubblewrap, on Linux. `seatbelt`: sandbox-exec of macOS, not tested on a real Mac. `off`: commands run plainly, not sandboxed'

/** For people; `mode` as the server names it. */
export const sandboxText = (mode: string): string =>
  mode === UNTESTED_SANDBOX ? 'seatbelt (not tested on a real Mac)' : mode
