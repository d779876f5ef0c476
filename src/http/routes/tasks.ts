import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { TaskListQuery } from '../../contract/taskQuery.ts'
import { TaskDetail, TaskList, type TaskWarning } from '../../contract/taskView.ts'
import { Comparison } from '../../contract/comparison.ts'
import type { Database } from '../../db/database.ts'
import { attemptsOf } from '../../tasks/views/attempts.ts'
import { compareTasks } from '../../tasks/views/compareTasks.ts'
import { listTasks, readTask } from '../../tasks/views/queries.ts'
import { readWholePayload } from '../../tasks/views/showPayload.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'
import { mayAct } from '../plumbing/operators.ts'
import type { MakeTaskLinks } from '../plumbing/taskLinks.ts'
import { showStep } from '../plumbing/showStep.ts'
import type { MakeApprovalLinks } from '../../auth/approvalLinks.ts'
import { showApproval } from '../plumbing/showApproval.ts'
import { toTaskFilter } from '../plumbing/taskFilter.ts'

const TaskParams = z.object({ id: z.string() })
const CompareParams = z.object({ id: z.string(), other: z.string() })

/** Says what of a payload the templates of an agent miss. */
export type FindWarnings = (task: {
  agentId: string
  revision: number
  payload: unknown
}) => Promise<TaskWarning[]>

/** `/api/tasks`: what came in, and what became of it. For operators. */
export function taskRoutes({
  db,
  links,
  findWarnings,
  approvalLinks,
}: {
  db: Database
  links: MakeTaskLinks
  findWarnings: FindWarnings
  approvalLinks: MakeApprovalLinks
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/tasks',
      {
        schema: {
          operationId: 'listTasks',
          tags: ['Tasks'],
          summary: 'List tasks, newest first',
          description:
            'Filters are combined. Those without an index (q, webhook_id, origin, min_seconds, min_cost_usd, since and ' +
            'until) search backwards in time for two seconds at most, so a page may be short although there are more ' +
            'tasks. searched_back_to then says how far the search got, and next_cursor continues it.',
          querystring: TaskListQuery,
          response: { 200: TaskList, ...problems(422) },
        },
      },
      async ({ query }) => {
        const page = await listTasks(db, { ...toTaskFilter(query), ...pageRequest(query) })
        return {
          ...showPage(page, withIsoDates),
          searched_back_to: page.searchedBackTo?.toISOString() ?? null,
        }
      },
    )

    app.get(
      '/api/tasks/:id',
      {
        schema: {
          operationId: 'getTask',
          tags: ['Tasks'],
          summary: 'Get a task with its payload, attempts, steps, and result or error',
          params: TaskParams,
          response: { 200: TaskDetail, ...problems(404) },
        },
      },
      async (request) => {
        const found = await readTask(db, request.params.id)
        const { task, payload, hasWholePayload, transitions, steps, approvals, waits, joined, partial } =
          found
        const { agent_id: agentId, revision } = task
        const { status, events } = links(task.id)
        return {
          ...withIsoDates(task),
          warnings: [
            ...(hasWholePayload ? await findWarnings({ agentId, revision, payload }) : []),
            ...(task.request.warnings ?? []),
          ],
          // With the key, this reader would get the whole answer, including links that they must not see.
          links: { status, events: mayAct(request, 'approver') ? events : withoutQuery(events) },
          payload,
          partial,
          attempts: attemptsOf(transitions).map((attempt) => ({
            ...attempt,
            started_at: attempt.started_at.toISOString(),
            ended_at: attempt.ended_at?.toISOString() ?? null,
            next_attempt_at: attempt.next_attempt_at?.toISOString() ?? null,
          })),
          steps: steps.map((step) => ({ ...showStep(step), input: step.input, output: step.output })),
          joined: joined.map((one) => ({ ...one, created_at: one.created_at.toISOString() })),
          approvals: approvals.map((approval) =>
            showApproval(approval, mayAct(request, 'approver') ? approvalLinks : undefined),
          ),
          waiting_for: waits.map((wait) => ({
            ...wait,
            since: wait.since.toISOString(),
            until: wait.until?.toISOString() ?? null,
          })),
        }
      },
    )

    app.get(
      '/api/tasks/:id/payload',
      {
        schema: {
          operationId: 'getTaskPayload',
          tags: ['Tasks'],
          summary: 'Get the whole payload of a task',
          description:
            'The payload as it was stored, whatever its size. GET /api/tasks/{id} truncates payloads over 64 KiB.',
          params: TaskParams,
          response: { 200: json('The payload', z.unknown()), ...problems(404) },
        },
      },
      async ({ params }, reply) => {
        const payload = await readWholePayload(db, params.id)
        return reply.type('application/json; charset=utf-8').send(payload)
      },
    )

    app.get(
      '/api/tasks/:id/compare/:other',
      {
        schema: {
          operationId: 'compareTasks',
          tags: ['Tasks'],
          summary: 'Compare two tasks: steps, answer, cost and time side by side',
          params: CompareParams,
          response: { 200: json('The comparison', Comparison), ...problems(404) },
        },
      },
      async ({ params }) => compareTasks(db, params.id, params.other),
    )

    done()
  }
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, '')
}

function withIsoDates<T extends { created_at: Date; started_at: Date | null; finished_at: Date | null }>(
  task: T,
) {
  return {
    ...task,
    created_at: task.created_at.toISOString(),
    started_at: task.started_at?.toISOString() ?? null,
    finished_at: task.finished_at?.toISOString() ?? null,
  }
}
