// Which values of an environment or of a project's .env files are secrets: by the name of the variable, and by their looks.
// Words that stand in every program are none, whatever variable holds them.
import { existsSync } from 'node:fs'

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CRED/i
/** In a .env file more is secret. */
const PRIVATE_NAME =
  /KEY|TOKEN|SECRET|PASS|PWD|CRED|AUTH|PRIVATE|SALT|DSN|SIGN|WEBHOOK|COOKIE|SESSION|HASH|_PIN$|_PW$/i
const HARMLESS_NAME =
  /MODEL|VERSION|NAME|REGION|HOST|PORT|ENV$|LEVEL|FORMAT|PATH|DIR|FILE|MODE|TZ|TIMEZONE|LOCALE|LANG|MAIL|USER|DOMAIN|BUCKET|IMAGE|BRANCH/i

const COMMON = new Set(
  [
    'password passwort passwords changeme changeit secret secrets token tokens username user admin administrator root guest',
    'postgres postgresql mysql mariadb mongodb rabbitmq redis localhost default example examples testing tests test-key',
    'development production staging disabled enabled required optional undefined anonymous credentials placeholder',
    'true false null none yes no on off public private master minimal standard keyboard keychain keyring system session',
    'required-in-production not-set notset unset dummy dummykey fake-key fakekey test-token test-secret testtoken testsecret',
    'letmein qwerty welcome sunshine football baseball dragon monkey shadow superman iloveyou trustno1 password1 password123 12345678 123456789 1234567890',
  ]
    .join(' ')
    .split(' '),
)

/** Values of the server's own environment. */
export function secretsOfEnvironment(env: Record<string, string | undefined>): string[] {
  const found = Object.entries(env).flatMap(([name, value = '']) => [
    ...(SECRET_NAME.test(name) && isSecret(value) ? [value] : []),
    ...passwordsIn(value),
  ])
  return [...new Set(found)]
}

/** Values of a .env file. */
export function secretsOfEnvFile(text: string): string[] {
  const found = parseEnvFile(text).flatMap(([name, value]) => [
    ...((PRIVATE_NAME.test(name) ? isSecret(value) : !HARMLESS_NAME.test(name) && isRandom(value))
      ? [value]
      : []),
    ...passwordsIn(value),
  ])
  return [...new Set(found)]
}

/** Eight characters, or six that mix letters and digits; no word of every program, no path that is there, no plain address. */
export function isSecret(value: string): boolean {
  const text = value.trim()
  const isLong = text.length >= 8 || (text.length >= 6 && /[A-Za-z]/.test(text) && /[^A-Za-z]/.test(text))
  if (!isLong || text.length > 20_000 || COMMON.has(text.toLowerCase())) return false
  if (/^(.)\1*$/.test(text) || /^\d{1,9}$/.test(text) || /^\$[{(]|^\{\{|^<[^>]*>$/.test(text)) return false
  if (/^(?:your|my|some|the|insert|replace|enter|add)[-_ ]/i.test(text)) return false
  if (/^[a-z]+:\/\/[^@\s?]*$/i.test(text) && !/[A-Za-z0-9_-]{16,}/.test(text)) return false
  return !(/^[~./]/.test(text) && existsSync(text))
}

/** Of a variable whose name tells nothing: long, or letters and digits mixed. */
function isRandom(value: string): boolean {
  if (!isSecret(value) || /^(?:[\w.-]+@)?[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/\S*)?$/.test(value)) return false
  if (/^[a-z]+:\/\//i.test(value) || /^[~./]/.test(value) || /\s/.test(value)) return false
  return /\d/.test(value) && /[A-Za-z]/.test(value)
}

/** postgres://app:<this>@db/app */
function passwordsIn(value: string): string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:([^\s/@]+)@/i.exec(value)?.[1]
  if (!password) return []
  return [password, decoded(password)].filter(isSecret)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function parseEnvFile(text: string): [string, string][] {
  const LINE =
    /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*[=:][ \t]*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|`([^`]*)`|([^\r\n]*))/gm
  return [...text.matchAll(LINE)].map(([, name, double, single, back, plain]) => {
    const value =
      double !== undefined
        ? double.replaceAll('\\n', '\n').replace(/\\(.)/g, '$1')
        : (single ?? back ?? (plain ?? '').replace(/[ \t]+#.*$/, '').trim())
    return [name!, value]
  })
}
