// What is read of a shell command without running it.

/** Stands for what only the shell will know: an unknown variable, the output of a command. */
export const UNKNOWN = '\ufffc'

export interface Word {
  /** Without quotes, known variables put in. */
  text: string
  /** Calls inside it: `$(…)`, backticks, `<(…)`. They run before the call itself. */
  inner: ShellCall[]
  /** It was quoted, so that the shell takes it as it is. */
  isQuoted: boolean
}

export interface ShellCall {
  words: Word[]
  redirects: { op: string; target: Word }[]
  /** Text that is its standard input: a here-document, or a here-string. */
  here: string | null
  /** The call before it in the pipeline. */
  from: ShellCall | null
  /** Where it runs; null where that is not known. */
  dir: string | null
  /** The function whose body it stands in. */
  inFunction: string | null
  isBackground: boolean
}

/** What earlier parts of the command leave to later ones. Changed by reading. */
export interface ShellState {
  dir: string | null
  home: string
  variables: Map<string, string>
}

export const textsOf = (call: ShellCall) => call.words.map(({ text }) => text)

/** The last part of a path: `/usr/bin/git` → `git`. */
export const programOf = (call: ShellCall) => baseOf(call.words[0]?.text ?? '')
export const baseOf = (text: string) => text.slice(text.lastIndexOf('/') + 1)

/** The same call with other words, as a launcher would make it. */
export const withWords = (call: ShellCall, words: Word[]): ShellCall => ({ ...call, words })
export const plainWord = (text: string): Word => ({ text, inner: [], isQuoted: true })
