// S14: what a run prints, in everything the command line prints of it, in the log, and where a person approves.
import { PassThrough, Writable } from 'node:stream'
import { runCommand } from '#lib/cli/main'
import type { Place } from '#lib/cli/session'
import { bash, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import type { Scenario } from '../reliability/scenario.ts'
import { openChromium, type TestBrowser } from './browser/chromium.ts'
import { ACTS, SEQUENCES } from './escape-sequences.ts'

const HOSTILE = Object.entries(SEQUENCES)
  .map(([name, sequence]) => `${name}: a${sequence}b`)
  .join('\n')
const ON_ONE_LINE = HOSTILE.replaceAll('\n', ' ')
/** The command and the text that a person would approve, with what hides in them. */
const HIDDEN_COMMAND = 'sh check.sh # \u202e\u200b\u2066\u009b2J'
/** Names of files may hold everything but a slash and NUL. */
const FILE_NAMES = ['\u202egpj.exe', `a\u001b[2Jb`, 'a\rb', 'zero\u200bwidth', 'c1\u009b2J']

export const terminal: Scenario = {
  name: 'terminal',
  promise:
    'S14: nothing that a run prints steers a terminal, in any command, the log or the dashboard, and where a person approves it is spelled out',
  async run({ log }) {
    const stage = await openStage()
    const broken: string[] = []
    try {
      const runId = await hostileRun(stage)
      const short = runId.slice(0, 8)
      const commands = [
        ['ls'],
        ['show', short],
        ['logs', short],
        ['diff', short],
        ['verify', short],
        ['logs', short, '--raw'],
        ['compare', short, short],
        ['watch', short, '--on-gate', 'exit'],
        ['check', short],
        ['export', short, '--format', 'ndjson'],
        ['export', short, '--format', 'md'],
        ['export', short, '--format', 'junit'],
        ['export', short, '--format', 'patch'],
        ['export', short, '--format', 'json'],
        ['--json', 'ls'],
        ['--json', 'show', short],
        ['--json', 'logs', short],
        ['--json', 'diff', short],
        ['goals'],
        ['models'],
        [
          'check',
          '--cmd',
          `printf '%s' '${HOSTILE.replaceAll("'", '')}'; exit 1`,
          '-C',
          (await stage.client.run(runId)).cwd,
        ],
        ['show', ON_ONE_LINE],
        ['run', ON_ONE_LINE, '-C', `/nowhere/${ON_ONE_LINE}`],
        ['wait', short, '--on-gate', 'exit'],
        ['approve', short, '--reviewed', ON_ONE_LINE],
      ]
      let bytes = 0
      for (const argv of commands) {
        const said = await atTerminal(stage, argv)
        bytes += said.length
        const problem = problemOf(said)
        if (problem) broken.push(`retrai ${argv.map(one => one.slice(0, 20)).join(' ')}: ${problem}`)
        if (said.trim() === '') broken.push(`retrai ${argv[0]} printed nothing: nothing is shown`)
      }
      log(`${commands.length} commands, ${bytes} characters`)
      // A person at the gate: first the diff, then the approval.
      const prompts = await atGate(stage)
      const problem = problemOf(prompts)
      if (problem) broken.push(`the gate in a terminal: ${problem}`)
      for (const spelled of ['⟨U+202E⟩gpj.exe', 'zero⟨U+200B⟩width'])
        if (!prompts.includes(spelled)) broken.push(`the gate in a terminal does not spell ${spelled}`)

      const logged = stage.server
        .stderr()
        .split('\n')
        .filter(line => line !== '')
      const notJson = logged.filter(line => !isJson(line)).length
      const acting = logged.filter(line => ACTS.test(line))
      if (notJson > 0) broken.push(`${notJson} lines of the log are no JSON`)
      if (acting.length > 0) broken.push(`the log has ${escapesIn(acting[0]!)}`)

      const { newContext, close } = await openChromium()
      try {
        const seen = await onPage(newContext, stage, runId)
        broken.push(...seen.broken)
        return {
          figures: {
            sequences: Object.keys(SEQUENCES).length,
            commands: commands.length + 1,
            'characters of the transcript': bytes + prompts.length,
            'lines of the log': logged.length,
            'hidden characters spelled on the page of the gate': seen.spelled,
            'wrong places': broken.length,
          },
          broken,
        }
      } finally {
        await close()
      }
    } finally {
      await stage.close()
    }
  },
}

/** A run at its gate that has printed everything everywhere. */
async function hostileRun(stage: Stage): Promise<string> {
  const cwd = await stage.project(
    { ...SHELL_PROJECT, 'check.sh': 'cat hostile.txt; exit 1\n', 'hostile.txt': HOSTILE },
    [
      turn([
        text(HOSTILE),
        bash('cat hostile.txt'),
        bash(`# ${ON_ONE_LINE}`),
        ...FILE_NAMES.map(name => toolUse('file_write', { path: name, content: HOSTILE })),
        toolUse(`tool\u001b[2J\u202e`, { [ON_ONE_LINE]: HOSTILE }),
      ]),
      turn([text(HOSTILE)]),
    ],
  )
  const { run_id } = await stage.client.start({
    goal: `make it work ${ON_ONE_LINE}`,
    check_command: HIDDEN_COMMAND,
    instructions: HOSTILE,
    cwd,
    hitl_enabled: true,
  })
  await stage.client.request('POST', `/api/runs/${run_id}/note`, { body: { text: HOSTILE } })
  await stage.client.until(run_id, 'waiting')
  return run_id
}

const isJson = (line: string) => {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

/** What of the transcript would act; without colours, only taking back the lines of what runs now is ours. */
function problemOf(said: string): string | null {
  const rest = said.replace(/\r(?:\u001b\[[1-9]A)?\u001b\[J/g, '')
  return ACTS.test(rest) ? `printed ${escapesIn(rest)}` : null
}

function escapesIn(said: string): string {
  const at = said.search(ACTS)
  return JSON.stringify(said.slice(Math.max(0, at - 30), at + 10))
}

function terminalOf(write: (text: string) => void) {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      write(String(chunk))
      done()
    },
  })
  return Object.assign(stream, { isTTY: true, columns: 200 })
}

function placeOf(stage: Stage, stdin: Place['stdin'], write: (text: string) => void): Place {
  return {
    root: process.cwd(),
    version: '0',
    env: { RETRAI_SERVER: stage.server.url, NO_COLOR: '1', TERM: 'xterm' } as unknown as NodeJS.ProcessEnv, // Next wants NODE_ENV in it
    cwd: '/',
    stdin,
    stdout: terminalOf(write),
    stderr: terminalOf(write),
    ensureBuild: async () => {},
  }
}

/** The command on a terminal without colours; everything it wrote. */
async function atTerminal(stage: Stage, argv: string[]): Promise<string> {
  let said = ''
  const stdin = Object.assign(new PassThrough(), { isTTY: false })
  await runCommand(
    argv,
    placeOf(stage, stdin, text => {
      said += text
    }),
  )
  return said
}

/** Looks at the diff and approves, as a person would: a second run with the same files. */
async function atGate(stage: Stage): Promise<string> {
  let said = ''
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const cwd = await stage.project(
    { ...SHELL_PROJECT, 'check.sh': 'cat hostile.txt; exit 1\n', 'hostile.txt': HOSTILE },
    [
      turn([
        text(HOSTILE),
        ...FILE_NAMES.map(name => toolUse('file_write', { path: name, content: HOSTILE })),
      ]),
      turn([text(HOSTILE)]),
    ],
  )
  const argv = ['run', `gated ${ON_ONE_LINE}`, '--cmd', HIDDEN_COMMAND, '-C', cwd, '--gate']
  const ended = runCommand(
    argv,
    placeOf(stage, stdin, text => {
      said += text
    }),
  )
  const asked = () => said.split('[a]pprove').length - 1
  await waitFor('the gate asks', () => asked() === 1)
  stdin.write('d\n')
  await waitFor('it asks again', () => asked() === 2)
  stdin.write('x\n')
  await ended
  // What readline writes to draw its question is not of the run.
  return said.replaceAll('\u001b[1G\u001b[0J', '').replace(/\u001b\[\d+G|\r(?=\n)/g, '')
}

/** The page of the gate: what stands there, and that nothing that hides is left in it. */
async function onPage(newContext: TestBrowser['newContext'], stage: Stage, runId: string) {
  const broken: string[] = []
  const page = await (await newContext()).newPage()
  await page.goto(`${stage.server.url}/runs/${runId}`)
  await page.getByRole('heading', { name: 'NEEDS YOU' }).waitFor()
  for (const name of ['⟨U+202E⟩gpj.exe', 'a␛[2Jb', 'a␍b', 'zero⟨U+200B⟩width', 'c1⟨U+009B⟩2J'])
    await page.getByText(name).first().waitFor()
  // biome-ignore lint/performance/useDomNodeTextContent: what a person sees, without the scripts that carry data
  const shown = await page.locator('body').innerText()
  const hidden =
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u{e0000}-\u{e007f}]/u.exec(
      shown,
    )
  if (hidden) broken.push(`the page of the gate has ${escapesIn(shown)}`)
  const spelled = shown.match(/⟨U\+[0-9A-F]{4,5}⟩/g)?.length ?? 0
  await page.goto('about:blank')
  return { broken, spelled }
}
