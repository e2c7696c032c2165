// A goal in plain words, without a command that could decide: a model does, apart from the conversation with the agent, and
// the verdict is marked as judged wherever it is shown.
import { brokenCheck } from './finish-check.ts'
import { defineGoal } from './goal.ts'
import { askJudge, judgedResult, VERDICT_SHAPE, workMaterials } from './model-judge.ts'

const COMMAND = 'judged by a model'

export const judgedGoal = defineGoal({
  name: 'judged',
  title: 'A model judges the work',
  description:
    'For goals in plain words without a check_command: a model reads what was changed and what commands printed.',
  needsCommand: false,
  isJudged: true,

  async protect() {
    return []
  },

  prompt: ({ text }) =>
    `The goal: ${text}\n\nNo command checks it. After each of your attempts a model that has not seen this conversation reads what ` +
    'you changed and what your commands printed, and judges whether the goal is met. Show that it is, by running what proves it.',

  async check(context) {
    const { options, work, pinned } = context
    if (!work) return brokenCheck(COMMAND, 'A goal in plain words can only be judged inside a run')
    const started = performance.now()
    // At the start nothing was done that could be judged, and asking costs money.
    if (pinned === null || pinned === undefined)
      return judgedResult(
        { achieved: false, reason: 'Nothing was done yet that could be judged', command: COMMAND },
        started,
      )
    const question = `The goal was: ${options.text}\n\nIs it met, completely, by what is there now? If it cannot be seen, it is not met.`
    const judgement = await askJudge(work, question, await workMaterials(work), VERDICT_SHAPE)
    if (judgement?.achieved === undefined)
      return judgedResult(
        { achieved: false, reason: 'The judge gave no verdict that could be read', command: COMMAND },
        started,
      )
    const { achieved, reason } = judgement
    const words = reason || (achieved ? 'The judge gave no reason' : 'The judge says it is not met')
    return judgedResult({ achieved, reason: `Judged: ${words}`, command: COMMAND, output: reason }, started)
  },
})
