import type { InboundRequest } from '../contract/task.ts'
import { TemplateError, type Template } from '../tools/template.ts'
import { delimit } from './delimit.ts'
import { RunFailure } from './runFailure.ts'

/** What `instructions` and `message` can be written with. */
export type PromptScope = {
  payload: unknown
  /** What the payload was parsed from, where that is at hand. */
  payloadText?: string | undefined
  /** Without a template the payload is the message as it is, as JSON. */
  plainPayload?: boolean | undefined
  request: InboundRequest
  agent: { id: string; name: string; revision: number }
  /** When the task was accepted, ISO 8601: a replay says the same. */
  now: string
}

/**
 * Writes the system text; undefined when there is none.
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
 * Writes the user's message: the author's template word for word, else the payload.
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
  throw new RunFailure('template_failed', 'The template "message" gave an empty text for this payload.')
}

/** A lone question as it is; anything else as JSON, marked as data that came from outside. */
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
