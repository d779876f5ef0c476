import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { Agents } from '../../agents/agents.ts'
import type { ToolDrafts } from '../../agents/toolDrafts.ts'
import type { Tool } from '../../contract/agent.ts'
import { ToolOffer, ToolOfferRequest } from '../../contract/toolSource.ts'
import { ToolPreview, ToolPreviewRequest, ToolTry, ToolTryRequest } from '../../contract/toolTry.ts'
import { callerOf } from '../plumbing/operators.ts'
import { pointBelow } from '../plumbing/pointBelow.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

/** Makes one call of a prepared tool. */
export type TryTool = (request: {
  tool: Tool
  name: string | undefined
  args: Record<string, unknown>
  confirmed: boolean
  /** Names the person or the key that makes it. */
  caller: string
}) => Promise<ToolTry>

/** `/api/tools`: what a source offers, what a model would see of a tool, and one call of it. Nothing is saved. */
export function toolRoutes({
  agents,
  drafts,
  describe,
  tryTool,
}: {
  agents: Pick<Agents, 'get'>
  drafts: ToolDrafts
  /** What a model would see of a prepared tool. */
  describe: (tool: Tool) => ToolPreview['data']
  tryTool: TryTool
}): FastifyPluginCallbackZod {
  /** The tool as saving it for the agent would store it. */
  async function prepare(tool: Tool, agentId: string | undefined, refresh: boolean): Promise<Tool> {
    const before = agentId === undefined ? [] : (await agents.get(agentId)).config.tools
    return pointBelow('/tool', drafts.prepare(tool, { before, refresh }))
  }

  return (app, _options, done) => {
    app.post(
      '/api/tools/offer',
      {
        schema: {
          operationId: 'listToolOffer',
          tags: ['Tools'],
          summary: 'List what a document or server offers',
          description:
            'Reads an OpenAPI document or asks an MCP server for everything that a tool can choose from. Saves nothing.',
          body: ToolOfferRequest,
          response: { 200: json('What can be chosen', ToolOffer), ...problems(400, 413, 415, 422) },
        },
      },
      async ({ body }) => pointBelow('/source', drafts.offer(body.source)),
    )

    app.post(
      '/api/tools/preview',
      {
        schema: {
          operationId: 'previewTool',
          tags: ['Tools'],
          summary: 'Show what a model would see of a tool',
          description:
            'Checks a tool as saving an agent does, and imports it if its agent does not have that import yet. Saves ' +
            'nothing.',
          body: ToolPreviewRequest,
          response: {
            200: json('The tool, and the tools that the model would see', ToolPreview),
            ...problems(400, 404, 413, 415, 422),
          },
        },
      },
      async ({ body }) => {
        const tool = await prepare(body.tool, body.agent_id, body.refresh)
        return { tool, data: describe(tool) }
      },
    )

    app.post(
      '/api/tools/try',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'tryTool',
          tags: ['Tools'],
          summary: 'Call a tool once',
          description:
            'Makes one real call, with the same checks and limits as in a run: at most 60 seconds. The response shows ' +
            'the request with its secrets masked, and the text that a model would see. A tool with access "write" ' +
            'needs "confirm_write": true.',
          body: ToolTryRequest,
          response: {
            200: json('What was sent, and what came back', ToolTry),
            ...problems(400, 404, 413, 415, 422, 429, 503),
          },
        },
      },
      async (request) => {
        const { body, log } = request
        const tool = await prepare(body.tool, body.agent_id, false)
        const tried = await tryTool({
          tool,
          name: body.name,
          args: body.arguments,
          confirmed: body.confirm_write,
          caller: callerOf(request),
        })
        log.info({ tool: tried.name, access: tried.access, outcome: tried.outcome }, 'a tool was tried')
        return tried
      },
    )
    done()
  }
}
