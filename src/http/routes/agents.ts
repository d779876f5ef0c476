import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { AgentActivity } from '../../agents/agentActivity.ts'
import type { Agents, Agent as StoredAgent } from '../../agents/agents.ts'
import { withoutImports } from '../../agents/importTools.ts'
import { Agent, AgentConfig, AgentPatch, DeleteAgentQuery } from '../../contract/agent.ts'
import { AgentList, type AgentListItem } from '../../contract/agentList.ts'
import { etagOf, IfMatchHeaders, parseIfMatch } from '../../contract/ifMatch.ts'
import { Id } from '../../contract/name.ts'
import { PageQuery } from '../../contract/page.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { actorOf } from '../plumbing/operators.ts'
import { restoreSettings } from '../plumbing/restoreLinks.ts'
import { showAgent } from '../plumbing/showAgent.ts'
import { problems } from '../problems/problem.ts'
import { empty, json } from '../openapi/responses.ts'

const AgentParams = z.object({ id: Id })

/** `/api/agents`: agents and their configuration. */
export function agentRoutes({
  agents,
  readActivity,
  cancelTasks,
  revoked = () => undefined,
}: {
  agents: Agents
  /** Cancels an agent's unfinished tasks. */
  cancelTasks: (agentId: string) => Promise<unknown>
  /** Called when the keys of an agent are no longer valid. */
  revoked?: () => void
  readActivity: (agentIds: string[]) => Promise<Map<string, AgentActivity>>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/agents',
      {
        schema: {
          operationId: 'createAgent',
          tags: ['Agents'],
          summary: 'Create an agent',
          description:
            'Invalid agents are rejected: an unknown model, a template or a schema that cannot be read, a secret ' +
            'that does not exist yet. Tools are imported from MCP servers and OpenAPI documents now: ' +
            '"imported" contains the result.',
          body: AgentConfig,
          response: { 201: json('The new agent', Agent), ...problems(400, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        const agent = await agents.create(request.body, actorOf(request))
        return reply
          .code(201)
          .headers({ location: `/api/agents/${agent.id}`, etag: etagOf(agent.revision) })
          .send(showAgent(agent))
      },
    )

    app.get(
      '/api/agents',
      {
        schema: {
          operationId: 'listAgents',
          tags: ['Agents'],
          summary: 'List agents, newest first',
          description: 'Imported tool definitions are omitted; GET /api/agents/{id} includes them.',
          querystring: PageQuery,
          response: { 200: json('A page of agents', AgentList), ...problems(422) },
        },
      },
      async ({ query }) => {
        const page = await agents.list(pageRequest(query))
        const activity = await readActivity(page.items.map(({ id }) => id))
        return showPage(page, (agent) => showItem(agent, activity.get(agent.id)))
      },
    )

    app.get(
      '/api/agents/:id',
      {
        schema: {
          operationId: 'getAgent',
          tags: ['Agents'],
          summary: 'Get an agent',
          description:
            'The ETag of the response identifies the revision: send it in If-Match with a change. Credentials that are ' +
            'hard-coded in tools are shown as *** to roles that may not edit agents, here and in revisions.',
          params: AgentParams,
          response: { 200: json('The latest revision of the agent', Agent), ...problems(404) },
        },
      },
      async ({ params }, reply) => send(reply, await agents.get(params.id)),
    )

    app.patch(
      '/api/agents/:id',
      {
        schema: {
          operationId: 'updateAgent',
          tags: ['Agents'],
          summary: 'Update an agent',
          description:
            'Each field sent replaces the stored one as a whole; null removes an optional field. Any change creates ' +
            'a new revision; tasks accepted before keep theirs. A tool that is sent unchanged keeps its imported ' +
            'definitions; other MCP servers and OpenAPI documents are imported now.',
          params: AgentParams,
          headers: IfMatchHeaders,
          body: AgentPatch,
          response: {
            200: json('The latest revision of the agent', Agent),
            ...problems(400, 404, 412, 413, 415, 422),
          },
        },
      },
      async (request, reply) => {
        const { params, body, headers } = request
        const ifMatch = parseIfMatch(headers['if-match'])
        const patch = await restoreSettings(request, body, async () => (await agents.get(params.id)).config)
        return send(reply, await agents.update(params.id, patch, ifMatch, actorOf(request)))
      },
    )

    app.post(
      '/api/agents/:id/tools/refresh',
      {
        schema: {
          operationId: 'refreshAgentTools',
          tags: ['Agents'],
          summary: 'Refresh tools',
          description:
            "Imports the tools of the agent's MCP servers and OpenAPI documents again. If anything has changed, this " +
            'creates a new revision. Imported tools change only when the agent is saved or refreshed.',
          params: AgentParams,
          headers: IfMatchHeaders,
          response: {
            200: json('The latest revision of the agent', Agent),
            ...problems(404, 409, 412, 422),
          },
        },
      },
      async (request, reply) => {
        const ifMatch = parseIfMatch(request.headers['if-match'])
        return send(reply, await agents.refreshTools(request.params.id, ifMatch, actorOf(request)))
      },
    )

    app.delete(
      '/api/agents/:id',
      {
        schema: {
          operationId: 'deleteAgent',
          tags: ['Agents'],
          summary: 'Delete an agent',
          description:
            'Its webhooks and keys stop working immediately; its tasks stay readable. While it has unfinished tasks the ' +
            'request is refused, unless "tasks" says whether to cancel them or let them finish.',
          params: AgentParams,
          headers: IfMatchHeaders,
          querystring: DeleteAgentQuery,
          response: { 204: empty('Deleted'), ...problems(404, 409, 412, 422) },
        },
      },
      async ({ params, query, headers }, reply) => {
        await agents.delete(params.id, query.tasks, parseIfMatch(headers['if-match']))
        revoked()
        if (query.tasks === 'cancel') await cancelTasks(params.id)
        return reply.code(204).send()
      },
    )
    done()
  }
}

function send(reply: FastifyReply, agent: StoredAgent): Agent {
  void reply.header('etag', etagOf(agent.revision))
  return showAgent(agent)
}

function showItem(agent: StoredAgent, activity: AgentActivity | undefined): AgentListItem {
  const last = activity?.lastTask
  const day = activity?.lastDay
  return {
    ...showAgent(agent),
    tools: withoutImports(agent.config.tools),
    webhooks: activity?.webhooks ?? { enabled: 0, disabled: 0 },
    last_task: last ? { id: last.id, state: last.state, created_at: last.createdAt.toISOString() } : null,
    last_day: {
      tasks: day?.tasks ?? 0,
      succeeded: day?.succeeded ?? 0,
      failed: day?.failed ?? 0,
      is_complete: day?.isComplete ?? true,
    },
  }
}
