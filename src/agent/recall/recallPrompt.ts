import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { wrapLanguageModel } from 'ai'
import type { InputForm } from '../../models/inputForm.ts'
import { inputMiddleware } from '../../models/inputMiddleware.ts'
import type { BuildTools } from '../../tools/buildTools.ts'
import type { RunTool } from '../../tools/tool.ts'
import type { Step } from '../../contract/step.ts'
import type { Journal } from '../journal.ts'
import { createAgentRunner } from '../run.ts'
import type { RunInput } from '../runInput.ts'
import { describePrompt, type Prompt } from './describePrompt.ts'

/** What is known of the task whose model call is recalled. */
export type RecalledTask = Pick<
  RunInput,
  'task' | 'agent' | 'payload' | 'payloadText' | 'request' | 'attachments' | 'decisions'
> & {
  /** The rows of the journal. */
  steps: readonly Step[]
  /** The form in which the model gets schemas and images. */
  form: InputForm | undefined
}

/** A recalled prompt, with the fingerprint that its call would have in the journal. */
export type Recalled = { prompt: Prompt; fingerprint: unknown }

/** The replay has come to a call that the journal does not hold. */
class EndOfJournal extends Error {
  constructor() {
    super('the journal ends here')
    this.name = 'EndOfJournal'
  }
}

/**
 * Works out what a model was sent in one step of a run, by running the agent once more on its journal up to that
 * step. Nothing is called on the way: the journal answers, and what it does not hold ends the replay.
 *
 * @param step counts the model calls of the run from 0
 * @returns undefined when the replay does not reach the step
 */
export async function recallPrompt(
  { steps, form, ...input }: RecalledTask,
  { step, buildTools, signal }: { step: number; buildTools: BuildTools; signal: AbortSignal },
): Promise<Recalled | undefined> {
  let sent: LanguageModelV4CallOptions | undefined
  let reached: Step | undefined
  const model = recordingModel(form, (options) => (sent = options))
  const run = createAgentRunner({
    models: { resolve: () => Promise.resolve(model), redact: (text) => text },
    buildTools: (tools) => buildTools(tools).map(withoutCalls),
  })
  const journal = readOnly(steps, step, (row) => (reached = row))
  try {
    // A price, because a run with a limit on cost does not begin without one; what calls cost is in their rows.
    const price = { input: 0, output: 0 }
    await run({ ...input, journal, price, isWatched: () => false, signal, deadline: Number.MAX_SAFE_INTEGER })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof EndOfJournal)) return undefined
  }
  return sent && reached && { prompt: describePrompt(sent), fingerprint: fingerprintOf(reached.input) }
}

/** The fingerprint in the journal's summary of a prompt. */
export function fingerprintOf(summary: unknown): unknown {
  return typeof summary === 'object' && summary !== null && 'fingerprint' in summary
    ? summary.fingerprint
    : undefined
}

/** A model that notes what it is sent, in the form in which a provider's model gets it, and never answers. */
function recordingModel(
  form: InputForm | undefined,
  note: (options: LanguageModelV4CallOptions) => void,
): LanguageModelV4 {
  const take = (options: LanguageModelV4CallOptions): Promise<never> => {
    note(options)
    return Promise.reject(new EndOfJournal())
  }
  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'recall',
    modelId: 'recall',
    supportedUrls: {},
    doGenerate: take,
    doStream: take,
  }
  return wrapLanguageModel({ model, middleware: inputMiddleware(form) })
}

function withoutCalls(tool: RunTool): RunTool {
  return { ...tool, call: () => Promise.reject(new EndOfJournal()) }
}

/**
 * The journal before a model call. A run writes each call that it makes; the first one that it wants to write is
 * the end of the replay.
 */
function readOnly(steps: readonly Step[], step: number, onReached: (row: Step) => void): Journal {
  const rows = new Map(
    steps
      .filter((row) => row.step < step || (row.kind === 'input' && row.step === step))
      .map((row) => [row.key, row]),
  )
  const end = (row: Step): Promise<never> => {
    if (row.kind === 'model' && row.step === step) onReached(row)
    return Promise.reject(new EndOfJournal())
  }
  return { find: (key) => rows.get(key), begin: end, finish: end }
}
