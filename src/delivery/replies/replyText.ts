import type { Reply } from '../../contract/reply.ts'
import type { RunError, RunResult, TaskState } from '../../contract/task.ts'
import { parseTemplate, TemplateError } from '../../tools/templates/template.ts'
import { type Origin, ReplyError, type Preset, type Target } from './preset.ts'
import { splitText } from './splitText.ts'

/** A task that is replied to. */
export type RepliedTask = {
  taskId: string
  state: TaskState
  payload: unknown
  result: RunResult | null
  error: RunError | null
}

/** What a reply sends, decided once: each attempt sends the same. */
export type ReplyPlan = { to: Reply['to']; target: Target; messages: string[] }

/**
 * Decides where a reply goes and what it says.
 *
 * @throws ReplyError when the payload does not say where, or a template cannot be rendered
 */
export async function planReply(
  reply: Reply,
  preset: Preset,
  { task, links }: { task: RepliedTask; links: Record<string, string> },
): Promise<ReplyPlan> {
  const { taskId, payload, state, result, error } = task
  const scope = { task_id: taskId, links, payload, ...(state === 'SUCCESS' ? { result } : { error }) }
  const origin: Origin = {
    payload,
    async render(name, template) {
      if (template === undefined) return undefined
      const text = (await render(name, template, 'text', scope)).trim()
      if (text === '') throw new ReplyError(`the reply's ${name} is empty for this payload`)
      return text
    },
  }
  const target = await preset.locate(reply, origin)
  const name = state === 'SUCCESS' ? 'text' : 'failure_text'
  const text = await render(name, reply[name], preset.writing, scope)
  return { to: reply.to, target, messages: splitText(text, preset.limit) }
}

async function render(
  name: string,
  template: string,
  writing: Preset['writing'],
  scope: Record<string, unknown>,
): Promise<string> {
  try {
    return (await parseTemplate(template, writing).render(scope)).replaceAll('\0', '').toWellFormed()
  } catch (error) {
    if (error instanceof TemplateError)
      throw new ReplyError(`the reply's ${name} cannot be rendered: ${error.message}`)
    throw error
  }
}
