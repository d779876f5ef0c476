import type { WebhookOptions } from '../../contract/webhookOptions.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import type { WebhookTarget } from '../../webhooks/findTarget.ts'
import type { TargetCallback } from '../../webhooks/webhook.ts'
import { compileGroup, type FindGroup } from './findGroup.ts'
import { compileExpression } from './compileExpression.ts'
import type { Expression } from '../cel/compileCel.ts'
import { compileDedupe, type FindKey } from './dedupe.ts'
import { compileRespond } from '../respond/compileRespond.ts'
import type { CompiledRespond } from '../respond/responder.ts'
import type { CompiledSource, CompileSource } from '../sources/compile.ts'
import { compileSplit, type Split } from './split.ts'
import type { Step, StepEntry } from '../steps/step.ts'

/** A webhook with everything made ready that does not depend on a request. */
export type CompiledWebhook = {
  id: string
  agentId: string
  /** Grows with each change. */
  version: number
  enabled: boolean
  /** How many tasks of its agent may be waiting; no limit when absent. */
  maxPending: number | undefined
  options: WebhookOptions
  source: CompiledSource
  callback: TargetCallback | null
  /** Says what of a payload does not fit the schema; absent without one. */
  checkPayload: ReturnType<CompileSchema> | undefined
  /** What must be true of a request; absent when each starts the agent. */
  filter: Expression | undefined
  /** What must be true of the verified payload of a trusted author; absent when the signature is enough. */
  trusted: Expression | undefined
  /** How it responds to requests that start a task; absent when it does so with the task. */
  respond: CompiledRespond | undefined
  findKey: FindKey
  /** Finds the conversation and the burst of a request; absent when the webhook has neither. */
  findGroup: FindGroup | undefined
  split: Split
  /** The steps that its requests take, in their order. */
  steps: readonly Step[]
  /** Those of requests that may become several tasks, and of their elements. */
  elementSteps: readonly Step[]
}

/**
 * Compiles a JSON Schema; checks report every place in the value that does not match. Throws an Error if the schema
 * cannot be used.
 */
export type CompileSchema = (
  schema: object,
) => (payload: { json: Uint8Array; readonly value: unknown }) => Promise<FieldError[]>

export type CompileWebhook = (target: WebhookTarget) => CompiledWebhook

/**
 * Makes the function that compiles webhooks. What cannot be compiled any more, because it was saved under other
 * rules, lets no request in: each is rejected as `webhook_invalid`.
 */
export function createCompileWebhook({
  steps,
  compileSource,
  compileSchema,
}: {
  /** All steps there are, in their order. */
  steps: readonly StepEntry[]
  compileSource: CompileSource
  compileSchema: CompileSchema
}): CompileWebhook {
  return ({ webhookId, agentId, version, enabled, maxPending, options, secrets, callback }) => {
    const base = {
      id: webhookId,
      agentId,
      version,
      enabled,
      maxPending,
      options,
      callback,
      checkPayload: undefined,
      filter: undefined,
      trusted: undefined,
      respond: undefined,
      findKey: compileDedupe(options),
      findGroup: undefined,
    }
    try {
      const { payload_schema: schema } = options
      const source = compileSource(options, secrets)
      const webhook = {
        ...base,
        source,
        split: compileSplit(options, source.batch),
        checkPayload: schema && compileSchema(schema),
        filter: compileExpression(options.filter, '/filter'),
        trusted: compileExpression(options.trusted, '/trusted'),
        findGroup: compileGroup(options, webhookId),
        respond: compileRespond(options.respond),
      }
      const applying = steps.filter(({ applies }) => applies?.(webhook) ?? true)
      return {
        ...webhook,
        steps: applying.filter((step) => !step.ofElements).map(({ run }) => run),
        elementSteps: applying.filter((step) => step.ofElements).map(({ run }) => run),
      }
    } catch (error) {
      if (!(error instanceof BellwireError)) throw error
      return {
        ...base,
        split: compileSplit(options),
        source: unusable(options.source),
        steps: [refuseAll(error)],
        elementSteps: [],
      }
    }
  }
}

function unusable(name: string): CompiledSource {
  return { name, describes: false, describe: () => ({}), keptHeaders: [] }
}

function refuseAll(cause: BellwireError): Step {
  const error = new BellwireError('webhook_invalid', undefined, { cause })
  return () => ({ kind: 'rejected', error, reason: 'webhook_invalid', finding: { detail: cause.message } })
}
