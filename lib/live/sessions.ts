// Browsers in token mode: a single-use code from the address the terminal printed is exchanged for a session cookie, so that
// the token itself never reaches a page, a cookie or the history. Sessions end with the server.
import { randomBytes } from 'node:crypto'

export const SESSION_COOKIE = 'retrai_session'
const CODE_LIFE_MS = 10 * 60_000
const SESSION_LIFE_MS = 30 * 24 * 3_600_000

export interface Sessions {
  /** A code that can be exchanged once, within ten minutes. */
  newCode(): string
  /** The value of the Set-Cookie header, or null when the code is wrong, old or used. */
  exchange(code: string): string | null
  isValid(cookies: Record<string, string>): boolean
}

export function createSessions(now: () => number = Date.now): Sessions {
  const codes = new Map<string, number>()
  const sessions = new Map<string, number>()
  const random = () => randomBytes(32).toString('base64url')
  const dropOld = (map: Map<string, number>) => {
    for (const [key, until] of map) if (until <= now()) map.delete(key)
  }
  return {
    newCode() {
      dropOld(codes)
      const code = random()
      codes.set(code, now() + CODE_LIFE_MS)
      return code
    },
    exchange(code) {
      dropOld(codes)
      if (!codes.delete(code)) return null
      dropOld(sessions)
      const id = random()
      sessions.set(id, now() + SESSION_LIFE_MS)
      return `${SESSION_COOKIE}=${id}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_LIFE_MS / 1000}`
    },
    isValid(cookies) {
      const until = sessions.get(cookies[SESSION_COOKIE] ?? '')
      return until !== undefined && until > now()
    },
  }
}
