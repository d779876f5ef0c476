import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Agents } from '../../agents/agents.ts'
import { withoutImports } from '../../agents/importTools.ts'
import type { Tool } from '../../contract/agent.ts'
import { AgentFile, ImportedAgent } from '../../contract/agentFile.ts'
import type { Actor } from '../../contract/audit.ts'
import type { CallbackSettings, WebhookCallback } from '../../contract/callback.ts'
import { Id } from '../../contract/name.ts'
import { withoutCredentials } from '../../contract/withoutCredentials.ts'
import { writtenCredentials } from '../../contract/writtenCredentials.ts'
import type { Page, PageRequest } from '../../db/page.ts'
import type { Schedules } from '../../schedules/schedules.ts'
import type { Webhook } from '../../webhooks/webhook.ts'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import { actorOf, mayReadCredentials } from '../plumbing/operators.ts'
import { hiddenLinks, maskLinks } from '../plumbing/linkMask.ts'
import { showAgent } from '../plumbing/showAgent.ts'
import { createShowWebhook } from '../plumbing/showWebhook.ts'
import { parseYaml, writeYaml } from '../plumbing/yaml.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'

/** An export of an agent with many tools has some 100 kB. */
const MAX_FILE_BYTES = 1024 * 1024

const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']

/** `/api/agents/{id}/export` and `/api/agents/import`: agents as files. */
export function agentFileRoutes({
  agents,
  webhooks,
  schedules,
  publicUrl,
}: {
  agents: Agents
  webhooks: Webhooks
  schedules: Schedules
  publicUrl: string
}): FastifyPluginCallbackZod {
  const showWebhook = createShowWebhook(publicUrl)

  /** Creates what a file contains. Webhooks and schedules that are refused leave no agent behind. */
  async function importAgent(file: AgentFile, author: Actor): Promise<z.infer<typeof ImportedAgent>> {
    const agent = await agents.create(file.agent, author)
    try {
      const made: Webhook[] = []
      for (const [index, settings] of file.webhooks.entries()) {
        made.push(
          index === 0
            ? await webhooks.update(agent.id, (await webhooks.default(agent.id)).id, settings)
            : await webhooks.create(agent.id, { ...settings, secrets: [] }),
        )
      }
      const beats = []
      for (const settings of file.schedules) beats.push(await schedules.create(agent.id, settings))
      return {
        agent: showAgent(agent),
        webhooks: made.map((webhook) => showWebhook(webhook, new Map())),
        schedules: beats.map(({ id, name }) => ({ id, name })),
      }
    } catch (error) {
      await agents.delete(agent.id, 'cancel')
      throw error
    }
  }

  return (app, _options, done) => {
    app.addContentTypeParser(
      YAML_TYPES,
      { parseAs: 'string', bodyLimit: MAX_FILE_BYTES },
      (_request, body, next) => {
        try {
          next(null, parseYaml(String(body)))
        } catch (error) {
          next(error as Error)
        }
      },
    )

    app.get(
      '/api/agents/:id/export',
      {
        schema: {
          operationId: 'exportAgent',
          tags: ['Agents'],
          summary: 'Export an agent as YAML',
          description:
            'The agent with its webhooks and schedules, to keep in a repository or import elsewhere. It contains ' +
            'no secrets and no URLs; tools that are imported from servers and documents are imported again. Credentials ' +
            'that are hard-coded in tools are left out for roles that may not edit agents; comments in the file list them.',
          params: z.object({ id: Id }),
          response: {
            200: {
              description: 'The agent, its webhooks (the default one first) and its schedules',
              content: { 'application/yaml': { schema: z.string() } },
            },
            ...problems(404),
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const { config } = await agents.get(id)
        const hooks = await all((page) => webhooks.list(id, page))
        const beats = await all((page) => schedules.list(id, page))
        const file = {
          bellwire: 1,
          agent: { ...config, tools: withoutImports(config.tools) },
          webhooks: hooks
            .toReversed()
            .toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault))
            .map(({ name, enabled, options, callback }) => ({
              name,
              enabled,
              ...options,
              ...(callback ? { callback: withoutSecret(callback) } : undefined),
            })),
          schedules: beats.toReversed().map(({ name, cron, timeZone, payload, overlap, enabled }) => ({
            name,
            cron,
            time_zone: timeZone,
            payload,
            overlap,
            enabled,
          })),
        }
        return reply
          .type('application/yaml; charset=utf-8')
          .header('content-disposition', `attachment; filename="${fileName(config.name)}"`)
          .serializer(String)
          .send(writeFile(file, request))
      },
    )

    app.post(
      '/api/agents/import',
      {
        bodyLimit: MAX_FILE_BYTES,
        config: { exactNumbers: true },
        schema: {
          operationId: 'importAgent',
          tags: ['Agents'],
          summary: 'Import an agent from YAML or JSON',
          description:
            'Creates a new agent from an export, with webhooks under new URLs. If any part is invalid, nothing is ' +
            "created. Set the webhooks' secrets afterwards; the tools' secrets must already exist.",
          consumes: ['application/yaml', 'application/json'],
          body: AgentFile,
          response: {
            201: json('What was created', ImportedAgent),
            ...problems(400, 413, 415, 422),
          },
        },
      },
      async (request, reply) => {
        const imported = await importAgent(request.body, actorOf(request))
        return reply.code(201).header('location', `/api/agents/${imported.agent.id}`).send(imported)
      },
    )
    done()
  }
}

/** Writes a file without what its reader must not see, with comments that list what was left out. */
function writeFile(file: { agent: { tools: Tool[] } }, request: FastifyRequest): string {
  const credentials = mayReadCredentials(request)
    ? []
    : file.agent.tools.flatMap((tool, at) =>
        writtenCredentials(tool).map(({ pointer }) => `/agent/tools/${at}${pointer}`),
      )
  const whole = writeYaml(credentials.length > 0 ? withoutCredentials(file) : file)
  const text = maskLinks(whole, hiddenLinks(request))
  const notes = [
    ...(credentials.length > 0
      ? [
          'Left out, because your role may not edit agents: credentials that are hard-coded in tools.',
          'Replace each *** with {{ secrets.NAME }} before you import this file:',
          ...credentials.map((pointer) => `  ${pointer}`),
        ]
      : []),
    ...(text === whole ? [] : ['Left out: the secret parts (***) of links that your role may not use.']),
  ]
  return notes.map((note) => `# ${note}\n`).join('') + text
}

/** All items of a list, page by page. */
async function all<Item>(list: (page: PageRequest) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = []
  for (let after: string | undefined; ;) {
    const page = await list({ limit: 100, after })
    items.push(...page.items)
    if (page.next === null) return items
    after = page.next
  }
}

/** A name for the file, of characters that every system takes. */
function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return `${plain.slice(0, 60) || 'agent'}.yaml`
}

function withoutSecret({ url, events, content, hosts }: WebhookCallback): CallbackSettings {
  return { url, events, content, hosts }
}
