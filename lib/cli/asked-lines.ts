// What a gate shows in a terminal that opens before something is run: all of it, with everything that hides spelled.
import type { Payload } from '#lib/contract/event'
import type { Paint } from './colour.ts'
import { spelled } from './harmless.ts'

type Asked = Pick<Payload<'human_check_required'>, 'command' | 'config'>

export const isAboutRunning = ({ command, config }: Asked) => command !== undefined || config !== undefined

export function askedLines({ command, config }: Asked, paint: Paint): string[] {
  if (command)
    return [
      '',
      paint('bold', 'The agent wants to run a command'),
      ...block(command.command, '$ '),
      `  in ${command.cwd === '.' ? "the project's folder" : spelled(command.cwd)}`,
      paint('yellow', `  it ${spelled(command.why)} (${spelled(command.rule)})`),
    ]
  if (!config) return []
  return [
    '',
    paint('bold', 'The settings of this project are new or changed, and nobody has accepted them yet'),
    `  ${spelled(config.path)} · SHA-256 ${config.sha256.slice(0, 12)}…`,
    ...config.goals.flatMap(({ goal, check_command, goal_options }) => [
      `  goal: ${spelled(goal).replace(/\s+/g, ' ')}`,
      ...(check_command === undefined ? [] : block(check_command, '$ ')),
      ...(goal_options ? block(JSON.stringify(goal_options), '') : []),
    ]),
    paint('dim', '  the file:'),
    ...block(config.text.trimEnd(), ''),
  ]
}

const block = (text: string, prompt: string) =>
  spelled(text)
    .split('\n')
    .map((line, at) => `    ${at === 0 ? prompt : ' '.repeat(prompt.length)}${line}`)
