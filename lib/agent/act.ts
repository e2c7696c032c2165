// Executes the tool calls of the last answer. Each is stored before it starts, and has exactly one result.
import { z } from 'zod'
import type { NewEvent } from '#lib/contract/event'
import { crashPoint } from '#lib/crash-point'
import { messageOf } from '#lib/errors'
import type { Tool, ToolOutput } from '#lib/tools/tool'
import { askAboutCommand } from './ask-before.ts'
import { refusalOf, rulingOn } from './command-ruling.ts'
import type { AgentDeps } from './deps.ts'
import { emitWithSensitive } from './report-sensitive.ts'
import { type Call, MAX_CALLS, waitsForCheck } from './state.ts'
import { stepStart } from './step.ts'

const INTERRUPTED =
  'interrupted: the server stopped while this ran. It may have run partly or fully; find out before you repeat it.'

export async function act(deps: AgentDeps): Promise<void> {
  const { state, tools } = deps
  const { iteration } = state
  const isReadOnly = (call: Call) => tools.find(tool => tool.name === call.name)?.readOnly ?? false
  const calls = state.calls.filter(call => !waitsForCheck(call))
  let events: NewEvent[] = [stepStart(deps, 'act', iteration)]

  // Read-only neighbours run side by side; everything else in order, alone.
  for (const group of groups(calls, isReadOnly)) {
    deps.draining.throwIfAborted()
    const interrupted = group.filter(call => call.started && !isReadOnly(call))
    const ready = group.filter(call => !interrupted.includes(call))
    // A call that runs a command stands alone in its group, and is asked about before anybody hears that it begins.
    const asks = ready.find(call => call.decision === null && rulingOn(deps, call)?.action === 'ask')
    if (asks) return askAboutCommand(deps, asks, rulingOn(deps, asks)!)
    await deps.emit([
      ...events, // in one commit with the first calls
      ...interrupted.map(call => interruptedResult(call, iteration)),
      ...ready.filter(call => !call.started).map(call => callEvent(call, iteration)),
    ])
    events = []
    // All have let go before the failure of one goes up, so that an aborted run leaves nothing behind.
    const settled = await Promise.allSettled(ready.map(call => execute(deps, call)))
    const failed = settled.find(one => one.status === 'rejected')
    if (failed) throw failed.reason
  }
}

function groups(calls: Call[], isReadOnly: (call: Call) => boolean): Call[][] {
  const result: Call[][] = []
  for (const call of calls) {
    const last = result.at(-1)
    if (last && isReadOnly(call) && last.every(isReadOnly)) last.push(call)
    else result.push([call])
  }
  return result
}

/** Not run again blindly, whoever finds it: the server after a crash, or the loop when a result could not be stored. */
export const interruptedResult = (call: Pick<Call, 'id' | 'name'>, iteration: number): NewEvent =>
  resultEvent(call, iteration, { output: INTERRUPTED }, 'interrupted', 0)

export const callEvent = (call: Call, iteration: number): NewEvent => ({
  kind: 'tool_call',
  iteration,
  payload: { call_id: call.id, tool: call.name, args: call.args },
})

/** What a call came to; `unusable` when the call itself was wrong, so that nothing was executed. */
type CallResult = ToolOutput & { unusable?: boolean }

function resultEvent(
  call: Pick<Call, 'id' | 'name'>,
  iteration: number,
  result: CallResult,
  status: 'ok' | 'error' | 'interrupted',
  durationMs: number,
): NewEvent {
  return {
    kind: 'tool_result',
    iteration,
    payload: {
      call_id: call.id,
      tool: call.name,
      output: result.output,
      exit_code:
        result.exitCode === undefined
          ? status === 'interrupted'
            ? null
            : status === 'ok'
              ? 0
              : 1
          : result.exitCode,
      status,
      duration_ms: Math.round(durationMs),
      truncated: result.truncated ?? false,
      bytes: result.bytes ?? Buffer.byteLength(result.output),
      ...(result.unusable ? { unusable: true } : {}),
      ...(result.details ? { details: result.details } : {}),
    },
  }
}

async function execute(deps: AgentDeps, call: Call): Promise<void> {
  const { iteration } = deps.state
  const started = deps.clock()
  crashPoint('before-tool')
  const result = await outputOf(deps, call)
  crashPoint('after-tool')
  // An aborted call gets its result with the end of the run, after everything it started is dead.
  deps.signal.throwIfAborted()
  const isError = result.isError ?? (result.exitCode !== undefined && result.exitCode !== 0)
  const event = resultEvent(call, iteration, result, isError ? 'error' : 'ok', deps.clock() - started)
  const mayWrite = deps.tools.find(({ name }) => name === call.name)?.readOnly === false
  if (mayWrite) await emitWithSensitive(deps, [event], { tool: call.name, callId: call.id })
  else await deps.emit([event])
  crashPoint('after-tool-result')
}

/** Runs the tool; whatever goes wrong is a result that the model reads. */
async function outputOf(deps: AgentDeps, call: Call): Promise<CallResult> {
  if (call.cut)
    return failure('Not executed: your answer was cut off before its end. Make the call again, shorter.')
  if (call.isExcess)
    return failure(
      `Not executed: only the first ${MAX_CALLS} tool calls of an answer are. Make this one again if you still need it.`,
    )
  if (call.malformed !== null) {
    return unusable(
      `Not executed: the arguments are not a JSON object. They were: ${call.malformed.slice(0, 500)}`,
    )
  }
  const tool = deps.tools.find(({ name }) => name === call.name)
  if (!tool)
    return unusable(`There is no tool ${call.name}. Tools: ${deps.tools.map(({ name }) => name).join(', ')}`)
  const input = tool.input.safeParse(call.args)
  if (!input.success)
    return unusable(`Not executed: wrong arguments for ${call.name}.\n${z.prettifyError(input.error)}`)
  const ruling = rulingOn(deps, call)
  const refusal = refusalOf(call, ruling)
  if (refusal !== null)
    return { ...failure(refusal), details: { refused_by: call.decision ? 'person' : ruling?.rule } }
  try {
    return await runTool(deps, call, tool, input.data)
  } catch (error) {
    return failure(messageOf(error))
  }
}

const failure = (output: string): CallResult => ({ output, isError: true })
const unusable = (output: string): CallResult => ({ output, isError: true, unusable: true })

function runTool(deps: AgentDeps, call: Call, tool: Tool, input: unknown): Promise<ToolOutput> {
  const { workspace, state, signal } = deps
  return tool.run({
    input,
    workspace,
    signal,
    onProgress: chunk =>
      deps.publish({
        kind: 'step_progress',
        iteration: state.iteration,
        payload: { call_id: call.id, tool: call.name, chunk },
      }),
    async diffSinceStart() {
      const now = state.base && (await workspace.snapshot(signal))
      return state.base && now ? workspace.diff(state.base, now, { signal }) : null
    },
  })
}
