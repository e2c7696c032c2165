// A goal in plain words, without a command that could decide: a model does, apart from the conversation with the agent, and
// the verdict is marked as judged wherever it is shown.
import { brokenCheck } from './finish-check.ts'
import { defineGoal } from './goal.ts'

export const judgedGoal = defineGoal({
  name: 'judged',
  title: 'A model judges the work',
  description:
    'For goals in plain words without a check_command: a model reads what was changed and what commands said.',
  needsCommand: false,
  isJudged: true,

  async protect() {
    return []
  },

  prompt: ({ text }) =>
    `The goal: ${text}\n\nNo command checks it. After each of your attempts another model reads what you changed and what your ` +
    'commands printed, and judges whether the goal is met. Show it by commands wherever that can be.',

  async check({ work }) {
    if (!work) return brokenCheck('judged by a model', 'This goal can only be judged inside a run')
    return brokenCheck('judged by a model', 'not built yet')
  },
})
