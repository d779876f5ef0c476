import { Readable } from 'node:stream'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { TaskCounts } from '../../contract/taskCounts.ts'
import { TaskFilterQuery } from '../../contract/taskQuery.ts'
import { TaskState } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { countTasks } from '../../tasks/views/countTasks.ts'
import { exportTasks } from '../../tasks/views/exportTasks.ts'
import { toTaskFilter } from '../plumbing/taskFilter.ts'
import { problems } from '../problems/problem.ts'

/** Many tasks at once, with the filters of the list: their numbers, and all that they hold. For operators. */
export function taskReportRoutes({ db }: { db: Database }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/tasks/counts',
      {
        schema: {
          operationId: 'countTasks',
          tags: ['Tasks'],
          summary: 'Count tasks by state, by error code, and by hour or day',
          description:
            'Counts the last 24 hours by default; by day in ranges of more than a week. It counts backwards in time for ' +
            'three seconds at most; counted_back_to then says how far it got.',
          querystring: TaskFilterQuery,
          response: { 200: TaskCounts, ...problems(404, 422) },
        },
      },
      async ({ query }) => {
        const counts = await countTasks(db, toTaskFilter(query))
        return {
          since: counts.since.toISOString(),
          until: counts.until.toISOString(),
          ...withTotal(counts.states),
          errors: counts.errors,
          by: counts.by,
          periods: counts.periods.map(({ from, states }) => ({
            from: from.toISOString(),
            ...withTotal(states),
          })),
          counted_back_to: counts.countedBackTo?.toISOString() ?? null,
        }
      },
    )

    app.get(
      '/api/tasks/export',
      {
        schema: {
          operationId: 'exportTasks',
          tags: ['Tasks'],
          summary: 'Export tasks with their payloads and results, one JSON object per line',
          description:
            'Newest first, without a limit. A response that ends before it is complete is cut off.',
          querystring: TaskFilterQuery,
          response: {
            200: { description: 'The tasks', content: { 'application/x-ndjson': { schema: z.string() } } },
            ...problems(404, 422),
          },
        },
      },
      async ({ query }, reply) => {
        const lines = exportTasks(db, toTaskFilter(query))
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a stream of lines that are written already
        return reply
          .type('application/x-ndjson; charset=utf-8')
          .header('content-disposition', 'attachment; filename="tasks.ndjson"')
          .send(Readable.from(lines, { objectMode: false }) as never)
      },
    )

    done()
  }
}

function withTotal(counted: Partial<Record<TaskState, number>>) {
  const states = Object.fromEntries(TaskState.options.map((state) => [state, counted[state] ?? 0]))
  return { total: Object.values(states).reduce((sum, count) => sum + count, 0), states }
}
