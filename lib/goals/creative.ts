import { z } from 'zod'
import { brokenCheck } from './finish-check.ts'
import { defineGoal, type GoalOptions } from './goal.ts'
import { askJudge, judgedResult, type Material, SCORE_SHAPE, scoredResult } from './model-judge.ts'
import { readText } from './project-files.ts'
import { rubricText } from './score.ts'

const RUBRIC = [
  'It does what the brief asks for, all of it',
  'It is original, and not the first idea anyone would have',
  'It is well made: language, form and consistency',
  'It would stay in a reader’s mind',
]

const Settings = z.strictObject({
  brief: z.string().min(1).max(20_000).describe('What is to be made'),
  files: z
    .array(z.string().min(1))
    .min(1)
    .max(20)
    .describe('Where the work is written, relative to the directory'),
  target: z.number().min(1).max(100).default(80).describe('Points out of 100 at which the goal is met'),
  rubric: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .default(RUBRIC)
    .describe('What gets points, in words'),
})
const settingsOf = (options: GoalOptions) => Settings.parse(options.settings)

export const creative = defineGoal({
  name: 'creative',
  title: 'A creative work is good enough',
  description:
    'Something is written after a brief, and a model gives points by a rubric; the target decides.',
  needsCommand: false,
  isJudged: true,
  settings: Settings,

  async protect() {
    return []
  },

  prompt(options) {
    const { brief, files, target, rubric } = settingsOf(options)
    return (
      `The brief: ${brief}\n\nWrite the work into ${files.join(', ')}. A model that has not seen this conversation gives points after ` +
      `each of your attempts; ${target} of 100 are needed. It goes by this rubric:\n${rubricText(rubric)}`
    )
  },

  async check(context) {
    const { options, work, workspace } = context
    const { brief, files, target, rubric } = settingsOf(options)
    const command = `${files.join(', ')} judged by a model, ${target} points needed`
    if (!work) return brokenCheck(command, 'Points can only be given inside a run')
    const started = performance.now()
    const found: Material[] = []
    for (const file of files) {
      const text = await readText(workspace, file)
      if (text?.trim()) found.push({ title: file, text })
    }
    // Nothing written yet needs no judge.
    if (found.length === 0)
      return judgedResult(
        { achieved: false, reason: `Nothing is written in ${files.join(', ')} yet`, command },
        started,
      )
    const question = `The brief was: ${brief}\n\nGive points from 0 to 100 for the work below, by this rubric:\n${rubricText(rubric)}`
    const judgement = await askJudge(work, question, found, SCORE_SHAPE)
    return scoredResult(judgement, { command, target, started, context })
  },
})
