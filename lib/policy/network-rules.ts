// Commands that leave the machine, or bring something in that is run.
import { isShell, shellArguments } from './all-calls.ts'
import { hasOption, matchesPattern, partsOf } from './pattern.ts'
import type { Context } from './rule.ts'
import { baseOf, programOf, type ShellCall, textsOf, type Word } from './shell-call.ts'

const isDry = (call: ShellCall) => {
  const parts = partsOf(call)
  return (
    ['--dry-run', '--help', '--version'].some(option => hasOption(parts, option)) ||
    parts.options.includes('-h')
  )
}

const PUSHES = [
  'git push',
  'git send-pack',
  'git subtree push',
  'git lfs push',
  'git svn dcommit',
  'git p4 submit',
  'hg push',
  'svn commit',
  'svn ci',
  'jj git push',
  'gh repo sync',
]
export const pushes = (call: ShellCall) =>
  matchesAny(PUSHES, call) &&
  !isDry(call) &&
  !(programOf(call) === 'git' && partsOf(call).options.includes('-n'))

const PUBLISHES = [
  ...[
    'npm publish',
    'npm unpublish',
    'npm deprecate',
    'npm dist-tag add',
    'npm dist-tag rm',
    'npm owner add',
    'npm stage publish',
  ],
  ...[
    'yarn publish',
    'yarn npm publish',
    'pnpm publish',
    'pnpm * publish',
    'bun publish',
    'deno publish',
    'jsr publish',
    'lerna publish',
  ],
  ...['changeset publish', 'semantic-release', 'release-it', 'np', 'vsce publish', 'ovsx publish'],
  ...[
    'cargo publish',
    'cargo yank',
    'twine upload',
    'poetry publish',
    'flit publish',
    'hatch publish',
    'uv publish',
    'pdm publish',
  ],
  ...[
    'gem push',
    'gem yank',
    'docker push',
    'docker image push',
    'docker manifest push',
    'docker compose push',
    'podman push',
    'buildah push',
    'skopeo copy',
    'helm push',
    'oras push',
  ],
  ...[
    'dotnet nuget push',
    'nuget push',
    'mvn deploy',
    'mvn * deploy',
    'pod trunk push',
    'dart pub publish',
    'flutter pub publish',
  ],
  ...[
    'gh release create',
    'gh release upload',
    'gh release delete',
    'gh pr create',
    'gh pr merge',
    'gh pr close',
    'gh repo create',
    'gh repo delete',
    'gh secret set',
    'gh workflow run',
    'gh gist create',
    'glab mr create',
    'glab mr merge',
    'glab release create',
  ],
  ...[
    'vercel',
    'vercel deploy',
    'netlify deploy',
    'wrangler deploy',
    'wrangler publish',
    'firebase deploy',
    'fly deploy',
    'flyctl deploy',
    'heroku container:release',
    'serverless deploy',
    'sls deploy',
    'cdk deploy',
    'gcloud app deploy',
    'eb deploy',
  ],
  ...[
    'terraform apply',
    'terraform destroy',
    'tofu apply',
    'tofu destroy',
    'pulumi up',
    'pulumi destroy',
    'kubectl apply',
    'kubectl delete',
    'kubectl create',
    'kubectl replace',
    'helm install',
    'helm upgrade',
    'helm uninstall',
  ],
]

const matchesAny = (patterns: string[], call: ShellCall) => {
  const program = programOf(call)
  return patterns.some(pattern => pattern.startsWith(program) && matchesPattern(pattern, call))
}

export function publishes(call: ShellCall): boolean {
  const parts = partsOf(call)
  if (/^python[\d.]*$/.test(parts.program) && parts.options.includes('-m') && parts.args[0] === 'twine')
    return parts.args[1] === 'upload'
  if (/^gradlew?$/.test(parts.program))
    return parts.args.some(task =>
      /(^|:)(publish(?!ToMavenLocal)\w*|uploadArchives|publishPlugins)$/.test(task),
    )
  if (parts.program === 'docker' && parts.args[0] === 'buildx') return hasOption(parts, '--push')
  if (parts.program === 'vercel')
    return !parts.args.some(arg => /^(dev|build|ls|list|env|logs|inspect|whoami|pull|link)$/.test(arg))
  return matchesAny(PUBLISHES, call) && !isDry(call)
}

const DOWNLOADS = new Set([
  'curl',
  'wget',
  'wget2',
  'aria2c',
  'http',
  'https',
  'xh',
  'fetch',
  'lynx',
  'nc',
  'ncat',
  'netcat',
  'socat',
  'ftp',
  'axel',
])
const isDownload = (call: ShellCall) => DOWNLOADS.has(programOf(call))
const INTERPRETER =
  /^(python[\d.]*|pypy[\d.]*|node|nodejs|deno|bun|ruby|perl|php|lua[\d.]*|Rscript|osascript|pwsh|tclsh|java|jshell|psql)$/
/** Runs what comes in. */
function runsInput(call: ShellCall): boolean {
  const program = programOf(call)
  const texts = textsOf(call)
  if (isShell(program)) {
    const { script, file } = shellArguments(texts)
    return script === null && (file === null || file === '/dev/stdin')
  }
  if (program === 'source' || program === '.') return /^(-|\/dev\/stdin|\/dev\/fd\/0)$/.test(texts[1] ?? '')
  if (!INTERPRETER.test(program)) return false
  const args = texts.slice(1)
  return args.every(
    text =>
      text === '-' ||
      text === '/dev/stdin' ||
      (text.startsWith('-') && !/^-[a-zA-Z]*[cempr]$|^--(eval|print|version|help)/.test(text)) ||
      text === 'run',
  )
}
/** What it runs of its own words: the script of `bash -c "$(…)"`, the file of `source <(…)`, what it is redirected from. */
function codeOf(call: ShellCall): Word[] {
  const { words } = call
  const program = programOf(call)
  const texts = textsOf(call)
  const input = call.redirects.filter(({ op }) => op.startsWith('<')).map(({ target }) => target)
  if (isShell(program))
    return [...words.slice(0, 1), ...words.filter((_, at) => at === shellArguments(texts).at), ...input]
  if (program === 'eval' || program === 'exec') return words
  if (program === 'source' || program === '.') return words.slice(0, 2)
  if (INTERPRETER.test(program)) {
    const at = texts.findIndex(
      (text, i) => i > 0 && (/^-[cer]$|^--eval$/.test(texts[i - 1]!) || !text.startsWith('-')),
    )
    return [...words.slice(0, 1), ...words.filter((_, i) => i === at), ...input]
  }
  // `$(curl …)` alone: what it prints is the command.
  return texts[0]?.includes('=') ? [] : words.slice(0, 1)
}

const innerOf = (words: Word[]): ShellCall[] => words.flatMap(({ inner }) => inner)
const inputOf = (call: ShellCall) => [...call.words, ...call.redirects.map(({ target }) => target)]

/** All that comes before it in its pipeline, and inside of that. */
function sourcesOf(call: ShellCall): ShellCall[] {
  const found: ShellCall[] = []
  for (let before = call.from; before && found.length < MAX_SOURCES; before = before.from)
    found.push(before, ...insideOf(inputOf(before)))
  return found
}

/** The calls inside of words, and those that feed them. */
function insideOf(words: Word[], depth = 0): ShellCall[] {
  if (depth > 6) return []
  return innerOf(words).flatMap(inner => [inner, ...insideOf(inputOf(inner), depth + 1)])
}
const MAX_SOURCES = 100

const isFed = (call: ShellCall, by: (source: ShellCall) => boolean) =>
  (runsInput(call) && sourcesOf(call).some(by)) || insideOf(codeOf(call)).some(by)

const isBehindLauncher = (call: ShellCall) =>
  /^(sudo|doas|env|xargs|nohup|command|exec|time|timeout)$/.test(programOf(call))

export function runsDownload(call: ShellCall, { calls }: Context): boolean {
  if (isFed(call, source => isDownload(source) || isBehindLauncherOf(source))) return true
  const file = programFileOf(call)
  return file !== null && calls.some(other => downloadedTo(other).includes(file))
}
/** `sudo curl … | sh` */
const isBehindLauncherOf = (call: ShellCall) =>
  isBehindLauncher(call) && textsOf(call).some(text => DOWNLOADS.has(baseOf(text)))

/** `sh install.sh`, `./install.sh`: the file that is run. */
function programFileOf(call: ShellCall): string | null {
  const texts = textsOf(call)
  const [first = ''] = texts
  if (isShell(programOf(call))) return plainName(shellArguments(texts).file)
  if (INTERPRETER.test(programOf(call)) || first === 'source' || first === '.')
    return plainName(texts.slice(1).find(text => !text.startsWith('-')) ?? null)
  return first.includes('/') ? plainName(first) : null
}
const plainName = (path: string | null) => (path === null ? null : path.replace(/^\.\//, ''))

/** Files into which a download goes. */
function downloadedTo(call: ShellCall): string[] {
  if (!isDownload(call)) return []
  const texts = textsOf(call)
  const files = call.redirects.filter(({ op }) => op.includes('>')).map(({ target }) => target.text)
  const url = texts.findLast(text => /^[a-z]+:\/\/|^[\w.-]+\.[a-z]{2,}\//i.test(text))
  const name = url && baseOf(url.replace(/[?#].*$/, ''))
  const option = texts.findIndex(text => /^(-[a-zA-Z]*[oO]|--output|--output-document|--out)$/.test(text))
  const isWget = programOf(call).startsWith('wget')
  if (option !== -1 && (isWget || !/O$/.test(texts[option]!))) files.push(texts[option + 1] ?? '')
  else if (name && (isWget || texts.some(text => /^-[a-zA-Z]*O|^--remote-name/.test(text)))) files.push(name)
  for (const text of texts) {
    const [, joined] = /^(?:--output(?:-document)?=|-o|-O)(\S{2,})$/.exec(text) ?? []
    if (joined) files.push(joined)
  }
  return files.flatMap(file => plainName(file) ?? [])
}

const DECODES = /^(base64|base32|xxd|openssl|gunzip|zcat|bzcat|xzcat|uudecode|rev|gpg)$/
export const runsHidden = (call: ShellCall) =>
  isFed(
    call,
    source =>
      DECODES.test(programOf(source)) && (programOf(source) !== 'openssl' || textsOf(source).includes('-d')),
  )

const REMOTE = new Set(['ssh', 'sftp', 'mosh', 'telnet', 'ftp', 'rlogin', 'sshpass', 'ssh-copy-id'])
export function reachesOut(call: ShellCall): boolean {
  const { program, args, options } = partsOf(call)
  if (REMOTE.has(program)) return args.length > 0 && !options.includes('-V')
  return (
    (program === 'scp' || program === 'rsync' || program === 'rclone') &&
    args.some(arg => /^([\w.-]+@)?[\w.-]+:|^\w+:\/\//.test(arg))
  )
}

const KEYS =
  /(^|\/)(\.ssh\/(?!known_hosts|config$|.*\.pub$)|\.aws\/(credentials|config)|\.gnupg(\/|$)|\.kube\/config|\.netrc|\.docker\/config\.json|\.config\/(gh|gcloud|op|sops)(\/|$)|\.pypirc|\.git-credentials|\.password-store(\/|$)|\.azure(\/|$)|Library\/Keychains)/
const SYSTEM_KEYS = /^\/etc\/(shadow|gshadow|sudoers)|^\/proc\/(\d+|self|\*|\w+)\/environ/
export function readsKeys(call: ShellCall, { root }: Context): boolean {
  const paths = [...textsOf(call).slice(1), ...call.redirects.map(({ target }) => target.text)]
  const program = programOf(call)
  // Words that are only said.
  if (
    /^(echo|printf|git|grep|rg|sed|test|\[|\[\[|ls|stat|mkdir|touch)$/.test(program) &&
    !/^(grep|rg|sed)$/.test(program)
  )
    return false
  return paths.some((path, at) => {
    if (/^(grep|rg|sed)$/.test(program) && at === 0) return false
    if (!path.startsWith('/') && !path.startsWith('~')) return false
    return SYSTEM_KEYS.test(path) || (KEYS.test(path) && !path.startsWith(`${root}/`))
  })
}
