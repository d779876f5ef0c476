import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Agents } from '../../agents/agents.ts'
import { Id } from '../../contract/name.ts'
import { NewPreviewRequest, Preview, PreviewRequest } from '../../contract/preview.ts'
import { mayAct } from '../plumbing/operators.ts'
import type { PromptSource } from '../../tasks/views/promptSource.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

/** Renders the templates of an agent. Rejects with the reason of the signal. */
export type RenderPreview = (options: {
  instructions: string
  message: string | null | undefined
  source: PromptSource
  agent: { id: string; name: string; revision: number }
  taskId: string
  signal: AbortSignal
}) => Promise<Preview>

/** The id of an agent or a task that does not exist yet. */
const NONE = '00000000-0000-0000-0000-000000000000'

const DESCRIPTION =
  'Renders the instructions and the message as a run would, with its limits of time and size. Nothing is saved, and no ' +
  'model is called. Keys and tokens in the texts are redacted.'

/** `/api/agents/{id}/preview`: what a model would be sent, while somebody writes the templates. */
export function previewRoutes({
  agents,
  readSource,
  renderPreview,
}: {
  agents: Pick<Agents, 'get'>
  /** Throws BellwireError `task_not_found`. */
  readSource: (agentId: string, taskId: string) => Promise<PromptSource>
  renderPreview: RenderPreview
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/agents/:id/preview',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'previewPrompt',
          tags: ['Agents'],
          summary: "Preview an agent's prompt",
          description: `${DESCRIPTION} Send the "payload" to render them with, or the "task_id" of a task of the agent: for roles below editor, with the saved instructions and message.`,
          params: z.object({ id: Id }),
          body: PreviewRequest,
          response: { 200: json('The preview', Preview), ...problems(400, 404, 413, 415, 422) },
        },
      },
      async (request) => {
        const { params, body, signal } = request
        const { id, revision, config } = await agents.get(params.id)
        const { name = config.name, task_id: taskId } = body
        // A template of one's own could take a link that is hidden from one's role apart.
        const isOwn = taskId === undefined || mayAct(request, 'editor')
        const { instructions, message } = isOwn ? body : config
        const source = taskId === undefined ? given(body.payload) : await readSource(params.id, taskId)
        const agent = { id, name, revision }
        return renderPreview({ instructions, message, source, agent, taskId: taskId ?? NONE, signal })
      },
    )

    app.post(
      '/api/agents/preview',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'previewNewPrompt',
          tags: ['Agents'],
          summary: 'Preview the prompt of an agent that is not saved yet',
          description: DESCRIPTION,
          body: NewPreviewRequest,
          response: { 200: json('The preview', Preview), ...problems(400, 413, 415, 422) },
        },
      },
      async ({ body: { name = '', instructions, message, payload }, signal }) =>
        renderPreview({
          instructions,
          message,
          source: given(payload),
          agent: { id: NONE, name, revision: 1 },
          taskId: NONE,
          signal,
        }),
    )
    done()
  }
}

/** A payload as a webhook would get it now. Without one, it is an empty object. */
function given(payload: unknown = {}): PromptSource {
  const request = { method: 'POST', headers: {}, query: {} }
  return { payload, payloadText: JSON.stringify(payload), request, origin: 'webhook', createdAt: new Date() }
}
