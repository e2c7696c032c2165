import { z } from 'zod'
import { brokenCheck } from './finish-check.ts'
import { defineGoal, type GoalOptions } from './goal.ts'
import { askJudge, type Material, SCORE_SHAPE, scoredResult, workMaterials } from './model-judge.ts'
import { readText } from './project-files.ts'

const Settings = z.strictObject({
  target: z.number().min(1).max(100).default(80).describe('Points out of 100 at which the goal is met'),
  rubric: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('What gets points, in words'),
  files: z
    .array(z.string().min(1))
    .max(20)
    .default([])
    .describe('Files the judge reads whole, besides the changes'),
})
const settingsOf = (options: GoalOptions) => Settings.parse(options.settings)

/** A rubric as lines. */
export const rubricText = (rubric: string | string[]) =>
  Array.isArray(rubric) ? rubric.map(line => `- ${line}`).join('\n') : rubric

export const score = defineGoal({
  name: 'score',
  title: 'A judge gives enough points',
  description: 'A model gives points by your rubric for what is in the project; the target decides.',
  needsCommand: false,
  isJudged: true,
  settings: Settings,

  async protect() {
    return []
  },

  prompt(options) {
    const { target, rubric } = settingsOf(options)
    const goal = options.text === 'score' ? '' : `The goal: ${options.text}\n\n`
    return (
      `${goal}A model that has not seen this conversation gives points after each of your attempts; ${target} of 100 are needed. ` +
      `It goes by this rubric:\n${rubricText(rubric)}`
    )
  },

  async check(context) {
    const { options, work, workspace } = context
    const { target, rubric, files } = settingsOf(options)
    const command = `judged by a model, ${target} points needed`
    if (!work) return brokenCheck(command, 'Points can only be given inside a run')
    const started = performance.now()
    const read: Material[] = []
    for (const file of files) {
      const text = await readText(workspace, file)
      if (text !== null) read.push({ title: file, text })
    }
    const question = `The goal was: ${options.text}\n\nGive points from 0 to 100 by this rubric:\n${rubricText(rubric)}`
    const judgement = await askJudge(work, question, [...read, ...(await workMaterials(work))], SCORE_SHAPE)
    return scoredResult(judgement, { command, target, started, context })
  },
})
