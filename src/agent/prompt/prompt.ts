import type { InboundRequest } from '../../contract/task.ts'
import { TemplateError, type Template } from '../../tools/templates/template.ts'
import { delimit } from './delimit.ts'
import { RunFailure } from '../runFailure.ts'

/** The variables available to `instructions` and `message`. */
export type PromptScope = {
  payload: unknown
  /** The text that the payload was parsed from, if available. */
  payloadText?: string | undefined
  /** Without a template the payload is the message as it is, as JSON. */
  plainPayload?: boolean | undefined
  request: InboundRequest
  agent: { id: string; name: string; revision: number }
  /** When the task was accepted, ISO 8601: the same on a replay. */
  now: string
}

/**
 * Renders the system text; undefined when there is none.
 *
 * @throws RunFailure `template_failed`
 */
export async function renderInstructions(
  template: Template,
  scope: PromptScope,
): Promise<string | undefined> {
  const text = await render('instructions', template, scope)
  return text.trim() === '' ? undefined : text
}

/**
 * Renders the user message: the author's template, or else the payload.
 *
 * @throws RunFailure `template_failed`
 */
export async function renderMessage(
  template: Template | undefined,
  scope: PromptScope,
  taskId: string,
): Promise<string> {
  if (!template) {
    if (scope.plainPayload) return scope.payloadText ?? JSON.stringify(scope.payload ?? null)
    return payloadMessage(scope.payload, taskId, scope.payloadText)
  }
  const text = await render('message', template, scope)
  if (text.trim() !== '') return text
  throw new RunFailure(
    'template_failed',
    'The template "message" rendered to an empty text for this payload.',
  )
}

/** A single question unchanged; anything else as JSON, marked as external data. */
export function payloadMessage(payload: unknown, taskId: string, payloadText?: string): string {
  return (
    loneQuestion(payload) ??
    delimit(payloadText ?? JSON.stringify(payload ?? null), 'the request that started you, as JSON', taskId)
  )
}

function loneQuestion(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || Object.keys(payload).length !== 1) return undefined
  const question = 'question' in payload ? payload.question : undefined
  return typeof question === 'string' && question.trim() !== '' ? question : undefined
}

async function render(name: string, template: Template, scope: PromptScope): Promise<string> {
  try {
    return await template.render(scope)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new RunFailure(
      'template_failed',
      `The template "${name}" failed on this payload: ${error.message}.`,
      {
        cause: error,
      },
    )
  }
}
