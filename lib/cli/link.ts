// Links in a terminal (OSC 8): only where the terminal is known to show them, else the text is all there is.

export interface LinkSituation {
  env: Record<string, string | undefined>
  isTty: boolean
}

export function wantsLinks({ env, isTty }: LinkSituation): boolean {
  if (env.FORCE_HYPERLINK !== undefined) return env.FORCE_HYPERLINK !== '0' && env.FORCE_HYPERLINK !== 'false'
  if (!isTty || env.CI || env.TERM === 'dumb') return false
  // Older multiplexers show the sequence itself.
  if (env.TMUX || env.STY) return false
  if (env.WT_SESSION || env.KONSOLE_VERSION || env.DOMTERM || env.KITTY_WINDOW_ID) return true
  if (Number(env.VTE_VERSION) >= 5000) return true
  if (/^(iTerm\.app|WezTerm|vscode|ghostty|Hyper|rio|Tabby)$/.test(env.TERM_PROGRAM ?? '')) return true
  return /^(xterm-kitty|xterm-ghostty|alacritty|foot|contour)/.test(env.TERM ?? '')
}

/** `url` is ours, so it holds nothing a terminal would obey; anything else is not linked. */
export const linked = (url: string, text: string): string =>
  /^https?:\/\/[\w.:/[\]%?=&#-]+$/.test(url) ? `\u001b]8;;${url}\u001b\\${text}\u001b]8;;\u001b\\` : text
