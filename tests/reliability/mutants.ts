// Servers that are wrong on purpose, each in one place. The harness is worth what it catches: every one of them must be.
import { messageOf } from '#lib/errors'
import { buildBundle, type Patch } from './build-bundle.ts'
import { type Campaign, type CampaignOptions, campaign } from './campaign.ts'
import { environment, gitFolder } from './command-probes.ts'
import { fsyncOrder } from './fsync-order.ts'
import { guard } from './guard-probe.ts'
import type { Scenario, ScenarioOptions } from './scenario.ts'

interface Mutant {
  name: string
  /** What it breaks, in a sentence. */
  breaks: string
  patches: Patch[]
  /** Run against it. */
  catcher: Catcher
  /** What the catcher must say is broken. */
  caughtBy: RegExp
  /** Also among the few of the quick set. */
  quick?: boolean
}

type Catcher = (options: ScenarioOptions) => Promise<{ broken: string[] }>

const scenario =
  (one: Scenario): Catcher =>
  options =>
    one.run(options)

/** A small campaign with trouble of its own. */
const campaignOf =
  (trouble: CampaignOptions['trouble'], more: Partial<CampaignOptions> = {}): Catcher =>
  ({ seed, bundle, log }) =>
    campaign({
      seed,
      ...(bundle ? { bundle } : {}),
      busy: 4,
      kinds: ['plain'],
      workload: { iterations: [2, 3], commandMs: 60 },
      thinkMs: 5,
      parallel: 4,
      least: { toolCalls: 1, events: 1 },
      patienceMs: 30_000,
      isThrowaway: true,
      trouble,
      log,
      ...more,
    })

/** The server dies at this point in several lives, a little later in each. */
const dyingAt = (point: string, passages: number[]) =>
  campaignOf(async ({ life }: Campaign) => {
    await life.kill()
    for (const nth of passages) {
      await life.start({ CRASH_AT: `${point}:${nth}` }).catch(() => {}) // it may die as early as it recovers
      await Promise.race([life.ended(), new Promise(resolve => setTimeout(resolve, 8000))])
      await life.kill()
    }
    await life.start()
    return { kills: passages.length, doubles: 0 }
  })

const restartOnce: CampaignOptions['trouble'] = async ({ life, live }) => {
  const deadline = performance.now() + 10_000
  const isUnderWay = () => [...live.values()].some(events => events.length > 10)
  while (!isUnderWay() && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 10))
  await life.kill()
  await life.start()
  return { kills: 1, doubles: 0 }
}

const noTrouble: CampaignOptions['trouble'] = async () => ({ kills: 0, doubles: 0 })

const CATCHERS = {
  early: dyingAt('inside-commit', [15, 22]),
  commands: dyingAt('after-tool', [6, 4]),
  gates: campaignOf(noTrouble, { kinds: ['gated'], workload: { iterations: [3, 5], commandMs: 10 } }),
  replay: campaignOf(restartOnce),
  resume: campaignOf(restartOnce, { patienceMs: 30_000 }),
} satisfies Record<string, Catcher>

export const MUTANTS: Mutant[] = [
  {
    name: 'broadcast-first',
    breaks: 'events are shown before they are committed',
    patches: [
      {
        file: 'lib/events/journal.ts',
        from: '      await store.commit(ready.map(({ append }) => append))\n',
        to: '      for (const { pending, append } of ready) publish(pending.channel, append)\n      await store.commit(ready.map(({ append }) => append))\n',
      },
      {
        file: 'lib/events/journal.ts',
        from: "        publish(pending.channel, append)\n        crashPoint('after-broadcast')\n",
        to: '',
      },
    ],
    catcher: CATCHERS.early,
    caughtBy: /^client (ahead|gaps|duplicates|differs)/,
    quick: true,
  },
  {
    name: 'blind-rerun',
    breaks: 'a command that was interrupted is simply run again',
    patches: [
      {
        file: 'lib/runs/recover.ts',
        from: 'const mayRunAgain = (tool: string) => tool === RUN_CHECK || isReadOnly(tool)',
        to: "const mayRunAgain = (tool: string) => tool !== ''",
      },
      {
        file: 'lib/agent/act.ts',
        from: 'const interrupted = group.filter(call => call.started && !isReadOnly(call))',
        to: 'const interrupted: Call[] = []',
      },
    ],
    catcher: CATCHERS.commands,
    caughtBy: /^tool calls run twice/,
    quick: true,
  },
  {
    name: 'decision-race',
    breaks: 'a decision is checked first and stored afterwards, whatever came between',
    patches: [
      {
        file: 'lib/store/store.ts',
        from: 'where: { id: payload.gate_id, runId: run_id, decision: null },',
        to: 'where: { id: payload.gate_id, runId: run_id },',
      },
    ],
    catcher: CATCHERS.gates,
    caughtBy: /^gates with two answers/,
    quick: true,
  },
  {
    name: 'no-replay',
    breaks: 'a client that comes back gets live events only',
    patches: [
      {
        file: 'lib/live/websocket.ts',
        from: 'journal.follow(runId, { after, signal',
        to: 'journal.follow(runId, { after: record.lastSeq, signal',
      },
    ],
    catcher: CATCHERS.replay,
    caughtBy: /^client gaps/,
  },
  {
    name: 'no-resume',
    breaks: 'runs that a dead server left are not taken up',
    patches: [{ file: 'lib/runs/runs.ts', from: 'takeUp.takeUp(left)', to: '' }],
    catcher: CATCHERS.resume,
    caughtBy: /^not ended/,
  },
  {
    name: 'no-fsync',
    breaks: 'commits are not synced to the disk',
    patches: [
      { file: 'lib/store/db.ts', from: 'synchronous=FULL', to: 'synchronous=OFF' },
      // The product itself would notice, and not start.
      {
        file: 'lib/store/libsql-one.ts',
        from: '    if (String(value) === wanted) continue\n',
        to: "    if (String(value) !== '') continue\n",
      },
    ],
    catcher: scenario(fsyncOrder),
    caughtBy: /^early frames/,
  },
  {
    name: 'open-upgrade',
    breaks: 'upgrades need no token',
    patches: [
      {
        file: 'lib/live/guard.ts',
        from: '      checkToken(request)\n',
        to: "      if (kind === 'request') checkToken(request)\n",
      },
    ],
    catcher: scenario(guard),
    caughtBy: /^an upgrade without the token/,
    quick: true,
  },
  {
    name: 'any-host',
    breaks: 'the Host of a request is not looked at, so DNS rebinding works',
    patches: [{ file: 'lib/live/guard.ts', from: '      checkHost(request)\n', to: '' }],
    catcher: scenario(guard),
    caughtBy: /for evil\.test/,
  },
  {
    name: 'git-hooks-only',
    breaks: 'of .git only the hooks are protected',
    patches: [
      {
        file: 'lib/workspace/files.ts',
        from: "    parts.includes('.git') ||\n",
        to: "    parts.join('/').includes('.git/hooks') ||\n",
      },
    ],
    catcher: scenario(gitFolder),
    caughtBy: /^\.git\/config was written/,
  },
  {
    name: 'whole-environment',
    breaks: 'commands inherit the whole environment of the server',
    patches: [
      {
        file: 'lib/workspace/child-env.ts',
        from: 'if (value !== undefined && isAllowed(name, value)) env[name] = value',
        to: 'if (value !== undefined) env[name] = value',
      },
    ],
    catcher: scenario(environment),
    caughtBy: /is in the environment/,
  },
]

export const mutants: Scenario = {
  name: 'mutants',
  promise: 'each server that is wrong on purpose is caught by this harness',
  async run(options) {
    const isFull = options.scale === 'full'
    const chosen = MUTANTS.filter(mutant => isFull || mutant.quick)
    const figures: Record<string, number | string> = { mutants: chosen.length }
    const broken: string[] = []
    const quiet = { ...options, log() {} }
    for (const mutant of chosen) {
      const began = performance.now()
      const found = await huntDown(mutant, quiet)
      const hit = found.broken.find(line => mutant.caughtBy.test(line))
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      figures[mutant.name] = hit ? `${mutant.breaks}: caught (${hit.slice(0, 100)})` : 'SURVIVED'
      options.log(`${mutant.name}: ${mutant.breaks}: ${hit ? 'caught' : 'SURVIVED'} after ${seconds} s`)
      if (!hit) {
        const instead = found.broken.length > 0 ? `; found instead: ${found.broken[0]}` : ''
        broken.push(
          `${mutant.name} survived: ${mutant.breaks}, and ${mutant.caughtBy} was not said${instead}`,
        )
      }
    }
    if (isFull) broken.push(...(await falseAlarms(quiet)))
    return { figures, broken }
  },
}

/** A server that does not even start, or a harness that fails over it, has caught nothing. */
async function huntDown({ name, patches, catcher }: Mutant, options: ScenarioOptions) {
  const bundle = await buildBundle(`mutant-${name}`, patches)
  try {
    return await catcher({ ...options, bundle })
  } catch (error) {
    return { broken: [`the scenario failed: ${messageOf(error)}`] }
  }
}

/** The campaigns that catch mutants, against a server that is right: they must find nothing. */
async function falseAlarms(options: ScenarioOptions): Promise<string[]> {
  const bundle = await buildBundle('mutant-none')
  const alarms: string[] = []
  for (const [name, catcher] of Object.entries(CATCHERS)) {
    const { broken } = await catcher({ ...options, bundle })
    alarms.push(...broken.map(line => `the right server fails at «${name}»: ${line}`))
  }
  return alarms
}
