import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { StepDetail } from '../../contract/taskView.ts'
import type { StepText } from '../../tasks/views/stepRecord.ts'
import { json } from '../openapi/responses.ts'
import { showStep } from '../plumbing/showStep.ts'
import { problems } from '../problems/problem.ts'

/** A step of a task, with its whole input and output as JSON text, without keys. */
export type WholeStep = { step: StepText; source: string; input: string; output: string }

/** @throws BellwireError `task_not_found`, `step_not_found` */
export type ReadWholeStep = (taskId: string, key: string) => Promise<WholeStep>

const StepParams = z.object({
  id: z.string(),
  key: z.string().meta({ description: 'The key of the step, percent-encoded: model%2F0' }),
})
const RestParams = z.object({ id: z.string(), '*': z.string() })

/** `/api/tasks/{id}/steps/{key}`: one step, whole. For operators. */
export function taskStepRoutes({
  readWholeStep,
}: {
  readWholeStep: ReadWholeStep
}): FastifyPluginCallbackZod {
  /** Put together as text: the values may be large, and have been written as JSON elsewhere. */
  async function show(taskId: string, key: string): Promise<string> {
    const { step, source, input, output } = await readWholeStep(taskId, key)
    const fields = JSON.stringify({ ...showStep(step), input_source: source })
    return `${fields.slice(0, -1)},"input":${input},"output":${output}}`
  }

  return (app, _options, done) => {
    app.get(
      '/api/tasks/:id/steps/:key',
      {
        schema: {
          operationId: 'getStep',
          tags: ['Tasks'],
          summary: 'Get one step of a task with its whole input and output',
          description:
            'For a model call the input is everything that the model was sent: system, messages, tools and settings.',
          params: StepParams,
          response: { 200: json('The step', StepDetail), ...problems(404) },
        },
      },
      async ({ params }, reply) => {
        const text = await show(params.id, params.key)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is written as JSON already
        return reply.type('application/json; charset=utf-8').send(text as never)
      },
    )

    // The same with the slashes of the key as they are.
    app.get(
      '/api/tasks/:id/steps/*',
      { schema: { hide: true, params: RestParams } },
      async ({ params }, reply) =>
        reply.type('application/json; charset=utf-8').send(await show(params.id, params['*'])),
    )

    done()
  }
}
