import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TriggerAnswer } from '../../contract/trigger.ts'
import { BellwireError } from '../../errors.ts'
import type { IgnoredElement, Outcome } from '../../ingress/outcome.ts'
import type { Rendering, Responder } from '../../ingress/respond/responder.ts'
import { publicStatus } from '../../tasks/views/publicStatus.ts'
import type { TaskStatus, TaskStatuses } from '../../tasks/views/statuses.ts'
import type { Log } from '../../telemetry/log.ts'
import { sendVerbatim } from './sendVerbatim.ts'
import type { MakeTaskLinks } from './taskLinks.ts'
import { vary } from './vary.ts'
import type { Waits } from './waits.ts'

type Started = Extract<Outcome, { kind: 'accepted' | 'joined' | 'duplicate' }>

type Parts = {
  request: FastifyRequest
  reply: FastifyReply
  outcome: Started
  /** Seconds of `Prefer: wait`. */
  preferred: number | undefined
}

/** Browsers must not take a response of the webhook's own form for a page of the console's origin. */
const SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"

/** Bodies are sent in UTF-8, which receivers of text and XML do not take for granted. */
function withCharset(type = 'text/plain'): string {
  return /^text\/|[/+]xml$/i.test(type) && !/charset/i.test(type) ? `${type}; charset=utf-8` : type
}

/**
 * Responds to a request that has started a task, or has done so before. The task is on disk: what fails here is a
 * warning in the usual response, never an error that makes the sender try again.
 */
export type RespondToTrigger = (
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: Started,
  /** Seconds of `Prefer: wait`. */
  preferred: number | undefined,
) => TriggerAnswer | Promise<TriggerAnswer | FastifyReply>

export function createRespondToTrigger({
  links,
  statuses,
  waits,
  log,
}: {
  links: MakeTaskLinks
  statuses: TaskStatuses
  waits: Waits
  log: Log
}): RespondToTrigger {
  /** Reads the status of a task once the response has waited for as long as it should. */
  async function waitFor(
    { request, reply, taskId }: { request: FastifyRequest; reply: FastifyReply; taskId: string },
    seconds: number,
  ): Promise<{ task: TaskStatus | undefined; warning?: string }> {
    try {
      if (seconds === 0) return { task: await statuses.read(taskId) }
      return { task: await waits.open(request, reply).forEnd(taskId, seconds) }
    } catch (error) {
      if (error instanceof BellwireError && error.code === 'too_many_waiting') {
        return { task: await statuses.read(taskId), warning: `The response did not wait: ${error.message}` }
      }
      throw error
    }
  }

  /** Adds a warning to the usual response. */
  function warn(answer: TriggerAnswer, request: FastifyRequest, warning: string, error?: unknown): void {
    log.warn({ err: error, task_id: answer.task_id, request_id: request.id }, warning)
    answer.warning ??= warning
  }

  /** Adds the status of the task, once the response has waited for as long as the request or the webhook says. */
  async function addStatus(
    answer: TriggerAnswer,
    { request, reply, outcome, preferred }: Parts,
  ): Promise<void> {
    // Nobody waits for a task that starts later.
    const mayWait = outcome.kind !== 'accepted' || !outcome.startsLater
    const seconds = mayWait ? (preferred ?? outcome.responder?.waitSeconds ?? 0) : 0
    try {
      const { task, warning } = await waitFor({ request, reply, taskId: answer.task_id }, seconds)
      if (task) Object.assign(answer, publicStatus(task))
      if (warning !== undefined) warn(answer, request, warning)
      else if (preferred !== undefined && mayWait) reply.header('preference-applied', `wait=${preferred}`)
    } catch (error) {
      warn(answer, request, 'The status of the task could not be read.', error)
    }
  }

  /** Makes the response of the webhook's own form; undefined when that failed. */
  async function render(
    answer: TriggerAnswer,
    { request, renderWith }: { request: FastifyRequest; renderWith: NonNullable<Responder['render']> },
  ): Promise<Extract<Rendering, { ok: true }>['response'] | undefined> {
    const failed = "The webhook's response could not be rendered"
    const { task_id, links: taskLinks, status, result = null } = answer
    try {
      const rendering = await renderWith({ task_id, links: taskLinks, status, result })
      if (rendering.ok) return rendering.response
      warn(answer, request, `${failed}: ${rendering.detail}.`)
    } catch (error) {
      warn(answer, request, `${failed}.`, error)
    }
    return undefined
  }

  async function respondWith(answer: TriggerAnswer, parts: Parts): Promise<TriggerAnswer | FastifyReply> {
    const { request, reply, outcome, preferred } = parts
    vary(reply, 'Prefer')
    if (preferred !== undefined || outcome.responder?.readsStatus) await addStatus(answer, parts)
    const renderWith = outcome.responder?.render
    if (!renderWith || reply.raw.destroyed) return answer
    const rendered = await render(answer, { request, renderWith })
    if (!rendered) return answer
    const { status, body } = rendered
    const headers = { ...rendered.headers, 'content-security-policy': SANDBOX }
    if (body === undefined) return reply.code(status).headers(headers).send(answer)
    const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
    return sendVerbatim(reply, { status, headers: { ...headers, 'content-type': withCharset(type) }, body })
  }

  // Not async: most responses are the task, at once.
  return (request, reply, outcome, preferred) => {
    const [taskId] = outcome.taskIds
    const answer: TriggerAnswer = {
      success: true,
      task_id: taskId,
      ...(outcome.isBatch ? { task_ids: outcome.taskIds } : undefined),
      ...(outcome.kind === 'joined' ? { joined: true as const } : undefined),
      ...(outcome.ignored.length > 0 ? { ignored_elements: outcome.ignored.map(showIgnored) } : undefined),
      links: links(taskId),
    }
    if (preferred === undefined && !outcome.responder) return answer
    return respondWith(answer, { request, reply, outcome, preferred })
  }
}

function showIgnored({
  index,
  reason,
  taskId,
}: IgnoredElement): NonNullable<TriggerAnswer['ignored_elements']>[number] {
  return { index, reason, ...(taskId === undefined ? {} : { task_id: taskId }) }
}
