import type { AgentConfig } from '../../contract/agent.ts'
import type { InboundRequest } from '../../contract/task.ts'
import type { InputForm } from '../../models/inputForm.ts'
import type { ReceivedFile } from '../prompt/attachments.ts'
import type { Step } from '../../contract/step.ts'
import type { Decision } from '../../contract/decision.ts'
import type { RunInput } from '../runInput.ts'

/** A row of the journal with its values as JSON text: the thread that needs them parses them. */
export type StepText = Omit<Step, 'input' | 'output'> & { input: string | null; output: string | null }

/** All that a thread has to know to recall a model call. It is copied from one thread to another. */
export type RecallJob = {
  kind: 'model'
  task: RunInput['task']
  agent: { id: string; revision: number; config: AgentConfig }
  payloadText: string
  request: InboundRequest
  attachments: readonly ReceivedFile[]
  decisions: ReadonlyMap<string, Decision>
  form: InputForm | undefined
  steps: readonly StepText[]
  /** The number of the model call. */
  step: number
  /** The journal's own input and output of the call, as JSON. */
  input: string
  output: string
}

/** Shows what the journal has, where that is too much for the thread that answers requests. */
type RedactJob = { kind: 'recorded'; input: string; output: string }

/** What a thread can do. */
export type Job = RecallJob | RedactJob

/**
 * Where the input of a step comes from. `recorded`: the journal has it. `replayed`: it was worked out from the
 * journal, and its fingerprint is the one that was recorded with the call. `changed`: the fingerprint is another
 * one, since the program has changed. `summary`: only the journal's summary is there.
 */
export type InputSource = 'recorded' | 'replayed' | 'changed' | 'summary'

/** The input and output of a step as JSON text, without keys. */
export type StepTexts = { source: InputSource; input: string; output: string }
