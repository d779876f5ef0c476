import { jsonSchema, tool, type ToolSet } from 'ai'
import { withBodyMeter } from '../../tools/bodyMeter.ts'
import { QuestionAsked } from '../../tools/question.ts'
import { CallbackAwaited } from '../../tools/builtin/callbackAwaited.ts'
import { ToolError, type RunTool, type ToolContext } from '../../tools/tool.ts'
import { denial } from './approvalGate.ts'
import type { Step } from '../../contract/step.ts'
import { answersOf, askedIn, askedOutput, questionRequests } from './questions.ts'
import { hasMember, type RecordedCall } from './recordedWrites.ts'
import type { RunContext } from '../runContext.ts'
import { describeToolResult, startToolSpan } from '../spans.ts'
import { findOwnObjects } from './ownObjects.ts'
import { callbackKey, idempotencyKey, toolStepKey } from '../stepKey.ts'
import { withTimeLimit } from '../timeLimit.ts'
import { shownOutput, toModelOutput, toText, toToolOutput } from './toolOutput.ts'

const UNKNOWN_OUTCOME =
  'This call was interrupted. Whether it took effect is unknown, and it was not repeated.'

const NOT_RECORDED =
  'This run replays an earlier one: its writes are answered from what that one recorded, and it made no such call ' +
  'with these arguments. The call was not made.'

/** What the model gets in a rehearsal for a call that was not made. */
const SIMULATED = {
  simulated: true,
  note: 'This run is a rehearsal: the call was not made. Go on as if it had succeeded.',
}

const NOT_ASKED = 'This run is a rehearsal: nobody is asked anything, so the call was not completed.'

const EDITED = 'A person approved this call, but changed its arguments'

/** An agent's tools as the loop calls them in one run: through the journal. */
export function journaledTools(tools: readonly RunTool[], context: RunContext): ToolSet {
  return Object.fromEntries(
    tools.map((one) => [
      one.name,
      tool({
        description: one.description,
        // Arguments are checked below, so that an invalid call is in the journal, too.
        inputSchema: jsonSchema(one.parameters),
        toModelOutput: ({ output }) => toModelOutput(output),
        execute: (args, { toolCallId }) =>
          context.turns(async () => {
            const output = toToolOutput(one, await callTool(one, args, toolCallId, context))
            if (one.isTrusted) context.state.ownWords.add(toText(output))
            return output
          }),
      }),
    ]),
  )
}

/** The same tools for a call that must not use them: tool calls in it stay unanswered. */
export function toolsWithoutCalls(tools: readonly RunTool[]): ToolSet {
  return Object.fromEntries(
    tools.map((one) => [
      one.name,
      tool({ description: one.description, inputSchema: jsonSchema(one.parameters) }),
    ]),
  )
}

/**
 * Makes one tool call, unless its outcome is in the journal. A tool error is a result like any other: it is recorded
 * and sent to the model. The end of the run is not. Approval decisions are applied here: a denied call ends as an
 * error, an edited one is made with the edited arguments, and the model is informed.
 */
async function callTool(
  one: RunTool,
  args: unknown,
  toolCallId: string,
  context: RunContext,
): Promise<unknown> {
  const { stop, journal, firstTaskId } = context
  const { step } = context.state
  stop.signal.throwIfAborted()
  context.state.recordedCalls.add(toolCallId)
  const key = toolStepKey(step, one.name, toolCallId, args)
  const row = journal.find(key)
  if (row?.state === 'done') return resultOf(row)
  if (row?.state === 'failed') {
    if (isOurWord(row)) context.state.ownWords.add(errorOf(row))
    throw new ToolError(errorOf(row))
  }

  const decision = context.decisions(key)
  const edited = decision?.state === 'approved' ? decision.editedArguments : undefined
  const written = context.state.exactArguments.of(toolCallId, args)
  const started: Step = {
    key,
    kind: 'tool',
    name: one.name,
    step,
    state: 'started',
    input: {
      tool_call_id: toolCallId,
      arguments: written,
      ...(edited === undefined ? {} : { edited_arguments: edited }),
    },
    output: null,
    startedAt: new Date(),
  }
  const end = async (output: CallError): Promise<never> => {
    await journal.finish({ ...started, state: 'failed', output, finishedAt: new Date() })
    throw new ToolError(output.error)
  }
  const fail = (message: string): Promise<never> =>
    end({ error: edited === undefined ? message : `${EDITED} to ${JSON.stringify(edited)}. ${message}` })

  /** Notes the questions: the run ends for now, when the other calls of the step are done. */
  const wait = async (error: QuestionAsked): Promise<never> => {
    const { round } = error
    const { rounds } = askedIn(row)
    const isNew = !rounds.includes(round)
    const all = isNew ? [...rounds, round] : rounds
    if (isNew) await journal.begin({ ...started, output: askedOutput(all, { waiting: true }) })
    context.state.undecided.push(...questionRequests(one, { key, step, round, at: all.length - 1 }))
    throw error
  }

  /** Notes the wait: the run ends for now, when the other calls of the step are done. */
  const sleep = async (error: CallbackAwaited): Promise<never> => {
    if (!row) await journal.begin(started)
    const { name: tool, access } = one
    const { callbackId, timeoutSeconds } = error
    const request = { key: callbackKey(key), tool, access, step, arguments: used, parameters: {} }
    context.state.undecided.push({ ...request, callbackId, timeoutSeconds })
    throw error
  }

  /** Answers from the record of an earlier run: the call is not made, whatever the record says. */
  const replay = async (recorded: RecordedCall | undefined): Promise<unknown> => {
    const approval = context.state.unapproved.has(key) ? { approval: true } : {}
    const answer = async (result: unknown, mark: 'recorded' | 'simulated'): Promise<unknown> => {
      const output = { result, [mark]: true, ...approval }
      await journal.finish({ ...started, state: 'done', output, finishedAt: new Date() })
      return result
    }
    if (recorded?.state === 'done') return answer(resultOf(recorded), 'recorded')
    if (context.record?.simulates) return answer({ ...one.sample, ...SIMULATED }, 'simulated')
    const output = recordedError(recorded)
    if (isOurWord({ output })) context.state.ownWords.add(output.error)
    return end(output)
  }

  const denied = denial(decision)
  if (denied !== undefined) {
    context.state.ownWords.add(denied)
    return end({ error: denied, denied: true })
  }
  const used = edited ?? written
  const complaint = await one.check(used)
  if (complaint !== undefined) return fail(complaint)
  const { record } = context
  if (record && (one.access === 'write' || one.isRecorded || context.state.unapproved.has(key))) {
    return replay(record.take(one.name, written))
  }
  const asked = askedIn(row)
  if (row && !asked.waiting && !one.idempotent) return fail(UNKNOWN_OUTCOME)
  let result: unknown
  let objects: readonly string[] = []
  try {
    const answered = answersOf(asked, key, context.decisions)
    if (asked.waiting) {
      await journal.begin({ ...started, output: askedOutput(asked.rounds, { waiting: false }) })
    } else if (!row && one.access === 'write') await journal.begin(started)
    const timedOut = context.decisions(callbackKey(key))?.state === 'expired'
    const place = { toolCallId, idempotencyKey: idempotencyKey(firstTaskId, key), answered, timedOut }
    const given = await makeCall(one, used, place, context)
    if (one.access === 'write') objects = findOwnObjects(given)
    result = edited === undefined ? given : { note: `${EDITED}.`, arguments: edited, result: given }
  } catch (error) {
    stop.signal.throwIfAborted()
    if (error instanceof QuestionAsked) return record?.simulates ? fail(NOT_ASKED) : wait(error)
    if (error instanceof CallbackAwaited) return sleep(error)
    if (error instanceof ToolError) return fail(error.message)
    context.log?.error({ err: error, tool: one.name }, 'unexpected error in a tool')
    return fail(
      'The tool failed with an internal error; calling it again with the same arguments will not help.',
    )
  }
  await journal.finish({ ...started, state: 'done', output: { result }, finishedAt: new Date(), objects })
  return result
}

/** A call that timed out. The model is informed and decides how to continue without a result. */
class ToolTimeout extends ToolError {
  constructor({ access }: RunTool, seconds: number) {
    const doubt = access === 'write' ? ' Whether it took effect is unknown.' : ''
    super(`The call took longer than ${seconds} seconds and was stopped.${doubt}`)
  }
}

/** Makes the call within its time limit, and records metrics and a span, whatever its outcome. */
async function makeCall(
  one: RunTool,
  args: unknown,
  {
    toolCallId,
    ...place
  }: Pick<ToolContext, 'idempotencyKey' | 'answered' | 'timedOut'> & { toolCallId: string },
  { stop, state: { step }, scope, callbackUrls, memory, limits, tracer, traceParent, metrics }: RunContext,
): Promise<unknown> {
  const { name } = one
  const seconds = one.timeoutSeconds ?? limits.tool_timeout_seconds
  const span = startToolSpan({ tracer, parent: traceParent }, { name, toolCallId, step, args })
  const arriving = memory?.receive()
  const began = performance.now()
  let outcome = 'ok'
  try {
    const result = await withTimeLimit(
      { signal: stop.signal, seconds, late: () => new ToolTimeout(one, seconds) },
      (signal) => {
        const call = () => one.call(args, { ...place, signal, scope, callbackUrls })
        return arriving ? withBodyMeter(arriving, call) : call()
      },
    )
    describeToolResult(span, tracer, shownOutput(toToolOutput(one, result)))
    return result ?? null
  } catch (error) {
    outcome = stop.signal.aborted ? 'stopped' : outcomeOf(error)
    throw error
  } finally {
    arriving?.release()
    if (outcome !== 'ok' && outcome !== 'asked') span.fail(outcome)
    span.end()
    metrics.toolCall(outcome, (performance.now() - began) / 1_000)
  }
}

function outcomeOf(error: unknown): 'asked' | 'timed_out' | 'failed' {
  if (error instanceof QuestionAsked || error instanceof CallbackAwaited) return 'asked'
  return error instanceof ToolTimeout ? 'timed_out' : 'failed'
}

/** The output of a call that failed; the others say why in words of ours, rather than of the tool. */
type CallError = { error: string; denied?: true; recorded?: true; unrecorded?: true }

/** What the model gets for a write that an earlier run did not end well, or did not make. */
function recordedError(recorded: RecordedCall | undefined): CallError {
  if (!recorded) return { error: NOT_RECORDED, unrecorded: true }
  if (recorded.state === 'started') return { error: UNKNOWN_OUTCOME, recorded: true }
  const denied = hasMember(recorded.output, 'denied')
  return { error: errorOf(recorded), recorded: true, ...(denied ? { denied } : {}) }
}

function resultOf({ output }: Pick<Step, 'output'>): unknown {
  return typeof output === 'object' && output !== null && 'result' in output ? output.result : null
}

/** Whether an error is not from outside. */
function isOurWord({ output }: { output: unknown }): boolean {
  return hasMember(output, 'denied') || hasMember(output, 'unrecorded')
}

function errorOf({ output }: Pick<Step, 'output'>): string {
  const error = typeof output === 'object' && output !== null && 'error' in output ? output.error : undefined
  return typeof error === 'string' ? error : 'The call failed.'
}
