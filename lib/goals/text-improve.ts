import { z } from 'zod'
import { brokenCheck } from './finish-check.ts'
import { defineGoal, type GoalOptions } from './goal.ts'
import { askJudge, SCORE_SHAPE, scoredResult } from './model-judge.ts'
import { readText } from './project-files.ts'
import { rubricText } from './score.ts'

const RUBRIC = [
  'Clear: a reader understands it at once',
  'Correct: spelling, grammar and facts',
  'Concise: nothing that could go',
  'Well ordered: what matters first',
  'Faithful: it still says what it said at the start',
]

const Settings = z.strictObject({
  file: z.string().min(1).describe('The text to improve, relative to the directory'),
  target: z.number().min(1).max(100).default(85).describe('Points out of 100 at which the goal is met'),
  rubric: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .default(RUBRIC)
    .describe('What gets points, in words'),
})
const settingsOf = (options: GoalOptions) => Settings.parse(options.settings)

export const textImprove = defineGoal({
  name: 'text-improve',
  title: 'A text is good enough',
  description: 'A model gives points by a rubric for one text file; the target decides.',
  needsCommand: false,
  isJudged: true,
  settings: Settings,

  async protect() {
    return []
  },

  prompt(options) {
    const { file, target, rubric } = settingsOf(options)
    const goal = options.text === 'text-improve' ? '' : `The goal: ${options.text}\n\n`
    return (
      `${goal}Improve the text ${file}. A model that has not seen this conversation gives points for it after each of your attempts; ` +
      `${target} of 100 are needed. It goes by this rubric:\n${rubricText(rubric)}`
    )
  },

  async check(context) {
    const { options, work, workspace } = context
    const { file, target, rubric } = settingsOf(options)
    const command = `${file} judged by a model, ${target} points needed`
    if (!work) return brokenCheck(command, 'Points can only be given inside a run')
    const text = await readText(workspace, file)
    if (text === null) return brokenCheck(command, `There is no text file ${file} in the project`)
    const started = performance.now()
    const question = `Give points from 0 to 100 for the text below, by this rubric:\n${rubricText(rubric)}`
    const diff = await work.diff()
    const materials = [
      { title: `The text (${file})`, text },
      ...(diff ? [{ title: 'What was changed since the start, as a diff', text: diff }] : []),
    ]
    const judgement = await askJudge(work, question, materials, SCORE_SHAPE)
    return scoredResult(judgement, { command, target, started, context })
  },
})
