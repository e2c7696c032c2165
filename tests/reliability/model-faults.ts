// Fifty runs against a model whose endpoint does everything wrong that there is, ten times in each run.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isFinal } from '#lib/contract/runs'
import { type Api, api } from '#lib/testing/api'
import { makeProject, type Project, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { fault } from '#lib/testing/messages-script'
import { type MessagesRequest, startMessagesServer } from '#lib/testing/messages-server'
import { startServer } from '#lib/testing/server'
import { waitFor } from '#lib/testing/wait-for'
import { ALL_KINDS } from './model-faults-kinds.ts'
import { type Plan, planOf, type Reply } from './model-faults-plan.ts'
import { type Healthy, judge, type Witness } from './model-faults-verdict.ts'
import { createRandom } from './random.ts'
import type { Scenario } from './scenario.ts'

const SIZES = { quick: { runs: 8, faults: 60 }, full: { runs: 50, faults: 500 } }
const PARALLEL = 8
/** Shorter than in life, so that faults take no longer than they must; long enough for a busy machine. */
const CLOCKS = { RETRAI_MODEL_BACKOFF_MS: '50', RETRAI_MODEL_IDLE_SECONDS: '2' }
const ENDS_WITHIN_MS = 600_000
/** In each project: what its commands really did. A sandboxed one writes nowhere else. */
const LEDGER = '.ledger'

/** A run under way: its folder, what it is told, and what it was told so far. */
interface Story {
  project: Project
  ledgerFile: string
  plan: Plan
  sent: { reply: Reply; turn: number }[]
  wrongRequests: string[]
}

export const modelFaults: Scenario = {
  name: 'model-faults',
  promise:
    'whatever the model’s endpoint does wrong, runs end as with a healthy one: nothing of a broken answer is executed, nothing is done twice, and retries cost no iteration',
  async run({ seed, scale, bundle, log }) {
    const size = SIZES[scale]
    const random = createRandom(seed, 'model-faults')
    const stories: Story[] = []
    const model = await startMessagesServer({ respond: request => replyTo(stories, request) })
    const server = await startServer({
      env: { ANTHROPIC_BASE_URL: model.url, RETRAI_MAX_PARALLEL: String(PARALLEL), ...CLOCKS },
      ...(bundle === undefined ? {} : { bundle }),
    })
    let hasEnded = false
    void server.ended.then(() => {
      hasEnded = true
    })
    const client = api(server.url)

    const finished = (story: Story) => finish(client, story, model.requests)
    const newStory = async (faults: string[]): Promise<Story> => {
      const project = await makeProject(SHELL_PROJECT)
      const ledgerFile = path.join(project.path, LEDGER)
      // Of its own, so that runs side by side do not take each other's numbers.
      const chance = createRandom(seed, 'model-faults', stories.length)
      const plan = planOf(faults, chance, line => `echo ${line} >> ${LEDGER}`)
      const story: Story = { project, ledgerFile, plan, sent: [], wrongRequests: [] }
      stories.push(story)
      return story
    }

    try {
      const healthyStory = await newStory([])
      const first = await finished(healthyStory)
      const healthy: Healthy = {
        status: first.run.status,
        iterations: first.run.final_state?.iteration ?? -1,
        ledger: first.ledger,
      }
      const broken = judge(first, healthy).broken.map(sentence => `The healthy run ${sentence}`)
      if (healthy.status !== 'achieved') broken.push(`The healthy run ended ${healthy.status}`)
      if (healthy.ledger.length === 0) broken.push('The healthy run did nothing')

      const dealt = deal(size.faults, size.runs, kinds => random.shuffle(kinds))
      // One after the other, so that each number belongs to the same faults again.
      const planned: Story[] = []
      for (const faults of dealt) planned.push(await newStory(faults))
      log(`${size.runs} runs, ${size.faults} faults, ${PARALLEL} runs at a time`)
      let ended = 0
      const witnesses = await Promise.all(
        planned.map(async story => {
          const witness = await finished(story)
          ended += 1
          if (ended % 10 === 0) log(`${ended} of ${size.runs} runs have ended`)
          return witness
        }),
      )
      const verdicts = witnesses.map(witness => ({ witness, ...judge(witness, healthy) }))
      for (const { witness, broken: sentences } of verdicts) {
        broken.push(...sentences.map(sentence => `Run ${witness.run.run_id} ${sentence}`))
      }
      const met = witnesses.flatMap(({ replies }) => replies.flatMap(({ kind }) => kind ?? []))
      if (met.length !== size.faults) broken.push(`${met.length} of ${size.faults} faults were met`)
      const missing = ALL_KINDS.filter(kind => !met.includes(kind))
      if (missing.length > 0) broken.push(`These faults were never met: ${missing.join(', ')}`)
      if (hasEnded) broken.push('The server ended')
      const complaints = server.stderr().match(/uncaught|unhandled|MaxListeners/gi)?.length ?? 0
      if (complaints > 0) broken.push(`The server reported ${complaints} errors that nobody handled`)

      const count = (is: (verdict: (typeof verdicts)[number]) => unknown) => verdicts.filter(is).length
      const sum = (of: (verdict: (typeof verdicts)[number]) => number) =>
        verdicts.reduce((total, verdict) => total + of(verdict), 0)
      return {
        figures: {
          runs: size.runs,
          faults: met.length,
          'ended achieved': count(({ isAchieved }) => isAchieved),
          'wrong iterations': count(({ isWrongIteration }) => isWrongIteration),
          'partial calls executed': sum(({ partialCalls }) => partialCalls),
          'ledger lines': sum(({ witness }) => witness.ledger.length),
          'ledger duplicates': sum(({ duplicates }) => duplicates),
          'model requests': sum(({ witness }) => witness.replies.length),
          'kinds of faults': new Set(met).size,
          ...Object.fromEntries(
            ALL_KINDS.map(kind => [`fault: ${kind}`, met.filter(one => one === kind).length]),
          ),
        },
        broken,
      }
    } finally {
      await server.close()
      await model.close()
      for (const { project } of stories) await project.remove()
    }
  },
}

/** As many faults for each run as for every other, each kind as often as every other. */
function deal(faults: number, runs: number, shuffled: (kinds: string[]) => string[]): string[][] {
  const deck: string[] = []
  while (deck.length < faults) deck.push(...shuffled(ALL_KINDS))
  const dealt: string[][] = Array.from({ length: runs }, () => [])
  for (const [index, kind] of deck.slice(0, faults).entries()) dealt[index % runs]!.push(kind)
  return dealt
}

function replyTo(stories: Story[], request: MessagesRequest) {
  const story = stories.find(one => isAbout(request, one))
  if (!story) return fault.status(404, { message: 'No run of this scenario has this project' })
  const replies = story.plan[request.assistantMessages] ?? []
  const served = story.sent.filter(one => one.turn === request.assistantMessages)
  const reply = replies[served.length] ?? replies.at(-1)
  if (served.length >= replies.length) {
    story.wrongRequests.push(`asked once more for answer ${request.assistantMessages + 1}`)
  }
  if (!reply) return fault.status(404, { message: 'The story is over' })
  story.sent.push({ reply, turn: request.assistantMessages })
  return reply.answer()
}

/** Runs are told apart by their folder, which the first message names. */
const isAbout = ({ firstUserText }: MessagesRequest, { project }: Story) =>
  firstUserText.includes(project.path)

async function finish(client: Api, story: Story, requests: MessagesRequest[]): Promise<Witness> {
  const { run_id: runId } = await client.start({ ...SHELL_GOAL, cwd: story.project.path })
  const run = await waitFor(
    `run ${runId} has ended`,
    async () => {
      const now = await client.run(runId)
      return isFinal(now.status) ? now : null
    },
    { limitMs: ENDS_WITHIN_MS, everyMs: 200 },
  )
  const refused = requests.filter(request => isAbout(request, story)).flatMap(({ refusal }) => refusal ?? [])
  const lines = existsSync(story.ledgerFile) ? await readFile(story.ledgerFile, 'utf8') : ''
  return {
    run,
    events: await client.events(runId),
    ledger: lines.split('\n').filter(Boolean),
    replies: story.sent.map(({ reply }) => reply),
    wrongRequests: [
      ...story.wrongRequests,
      ...refused.map(refusal => `sent what the API refuses: ${refusal}`),
    ],
  }
}
