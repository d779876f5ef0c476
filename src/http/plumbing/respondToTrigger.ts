import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TriggerAnswer } from '../../contract/trigger.ts'
import { BellwireError } from '../../errors.ts'
import type { IgnoredElement, Outcome } from '../../ingress/outcome.ts'
import type { Rendering } from '../../ingress/respond/responder.ts'
import { publicStatus } from '../../tasks/views/publicStatus.ts'
import type { TaskStatus, TaskStatuses } from '../../tasks/views/statuses.ts'
import type { Log } from '../../telemetry/log.ts'
import { sendVerbatim } from './sendVerbatim.ts'
import type { MakeTaskLinks } from './taskLinks.ts'
import { vary } from './vary.ts'
import type { Waits } from './waits.ts'

type Started = Extract<Outcome, { kind: 'accepted' | 'duplicate' }>

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
) => Promise<TriggerAnswer | FastifyReply>

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

  return async (request, reply, outcome, preferred) => {
    const { responder } = outcome
    const [taskId] = outcome.taskIds
    const answer: TriggerAnswer = {
      success: true,
      task_id: taskId,
      ...(outcome.isBatch ? { task_ids: outcome.taskIds } : undefined),
      ...(outcome.ignored.length > 0 ? { ignored_elements: outcome.ignored.map(showIgnored) } : undefined),
      links: links(taskId),
    }
    if (preferred === undefined && !responder) return answer

    const warn = (warning: string, error?: unknown): TriggerAnswer => {
      log.warn({ err: error, task_id: taskId, request_id: request.id }, warning)
      answer.warning ??= warning
      return answer
    }
    vary(reply, 'Prefer')
    if (preferred !== undefined || responder?.readsStatus) {
      // Nobody waits for a task that starts later.
      const mayWait = outcome.kind === 'duplicate' || !outcome.startsLater
      const seconds = mayWait ? (preferred ?? responder?.waitSeconds ?? 0) : 0
      try {
        const { task, warning } = await waitFor({ request, reply, taskId }, seconds)
        if (task) Object.assign(answer, publicStatus(task))
        if (warning !== undefined) warn(warning)
        else if (preferred !== undefined && mayWait) reply.header('preference-applied', `wait=${preferred}`)
      } catch (error) {
        warn('The status of the task could not be read.', error)
      }
    }
    if (!responder?.render || reply.raw.destroyed) return answer

    const { status, result = null } = answer
    let rendering: Rendering
    try {
      rendering = await responder.render({ task_id: taskId, links: answer.links, status, result })
    } catch (error) {
      return warn('The response of the webhook could not be made.', error)
    }
    if (!rendering.ok) return warn(`The response of the webhook could not be made: ${rendering.detail}.`)
    const { headers, body } = rendering.response
    void reply.code(rendering.response.status)
    if (body === undefined) return reply.headers(headers).send(answer)
    const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
    return sendVerbatim(reply, {
      status: rendering.response.status,
      headers: { ...headers, 'content-type': withCharset(type), 'content-security-policy': SANDBOX },
      body,
    })
  }
}

function showIgnored({
  index,
  reason,
  taskId,
}: IgnoredElement): NonNullable<TriggerAnswer['ignored_elements']>[number] {
  return { index, reason, ...(taskId === undefined ? {} : { task_id: taskId }) }
}
