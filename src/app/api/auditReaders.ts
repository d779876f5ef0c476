import { withoutImports } from '../../agents/importTools.ts'
import type { Agents } from '../../agents/agents.ts'
import type { Prices } from '../../agents/prices.ts'
import type { Keys } from '../../auth/keys.ts'
import type { UserLinks } from '../../auth/users/userLinks.ts'
import type { Users } from '../../auth/users/users.ts'
import type { Database } from '../../db/database.ts'
import type { Callback, Callbacks } from '../../delivery/callbacks.ts'
import type { AuditedSecret } from '../../auth/audit/secretChanges.ts'
import { jsonPointer } from '../../contract/fieldErrors.ts'
import { withoutCredentials } from '../../contract/withoutCredentials.ts'
import { writtenCredentials } from '../../contract/writtenCredentials.ts'
import { BellwireError } from '../../errors.ts'
import type { ReadAudited } from '../../http/plumbing/audit/auditRequests.ts'
import type { ModelProviders } from '../../modelProviders/modelProviders.ts'
import type { NoticeSettingsStore } from '../../notices/noticeSettings.ts'
import type { Schedules } from '../../schedules/schedules.ts'
import { readApproval } from '../../tasks/approvals/approvals.ts'
import { readInstanceBudget } from '../../tasks/budgets/budget.ts'
import type { Webhooks } from '../../webhooks/webhooks.ts'

/** Creates the functions that read the objects of the audit log. Their fields are shown to viewers: no secrets. */
export function createAuditReaders({
  db,
  agents,
  webhooks,
  callbacks,
  schedules,
  prices,
  providers,
  notices,
  keys,
  users,
  userLinks,
}: {
  db: Database
  agents: Pick<Agents, 'get'>
  webhooks: Pick<Webhooks, 'get'>
  callbacks: Pick<Callbacks, 'get' | 'readTarget'>
  schedules: Pick<Schedules, 'get'>
  prices: Pick<Prices, 'list'>
  providers: Pick<ModelProviders, 'get' | 'draft'>
  notices: Pick<NoticeSettingsStore, 'read'>
  keys: Pick<Keys, 'get'>
  users: Pick<Users, 'get'>
  userLinks: Pick<UserLinks, 'getInvitation'>
}): Record<string, ReadAudited> {
  /** What the deliveries of a callback are signed with. */
  async function signingSecret(webhookId: string, ...path: string[]): Promise<AuditedSecret[]> {
    const target = await callbacks.readTarget(webhookId)
    return (target?.secrets ?? []).slice(0, 1).map((value) => secretAt(value, ...path, 'secret'))
  }

  const readers: Record<string, ReadAudited> = {
    async agent({ id }) {
      const { config } = await agents.get(id)
      const tools = withoutImports(config.tools)
      const secrets = tools.flatMap((tool, at) =>
        writtenCredentials(tool).map(({ pointer, text }) => ({
          key: tool.name + pointer,
          pointer: `/tools/${at}${pointer}`,
          value: text,
        })),
      )
      return { name: config.name, fields: { ...config, tools: withoutCredentials(tools) }, secrets }
    },
    async webhook({ agentId, id }) {
      const { name, enabled, options, secrets, token, callback } = await webhooks.get(agentId, id)
      return {
        name,
        fields: {
          name,
          enabled,
          ...options,
          secrets: secrets.length,
          callback: callback ? placeOf(callback) : undefined,
        },
        secrets: [
          secretAt(token, 'url'),
          ...(secrets.length > 0 ? [secretAt(JSON.stringify(secrets), 'secrets')] : []),
          ...(await signingSecret(id, 'callback')),
        ],
      }
    },
    async callback({ agentId, id }) {
      const callback = await callbacks.get({ agentId, webhookId: id })
      return { name: null, fields: placeOf(callback), secrets: await signingSecret(id) }
    },
    async schedule({ agentId, id }) {
      const { name, cron, timeZone, payload, overlap, enabled } = await schedules.get(agentId, id)
      return { name, fields: { name, cron, time_zone: timeZone, payload, overlap, enabled } }
    },
    async approval({ id }) {
      const { tool, state, reason, edited_arguments } = await readApproval(db, id)
      return { name: tool, fields: { state, reason, edited_arguments } }
    },
    async price({ id }) {
      const found = (await prices.list()).find(({ model, source }) => model === id && source === 'custom')
      return (
        found && {
          name: id,
          fields: { input: found.input, cached_input: found.cached_input, output: found.output },
        }
      )
    },
    async provider({ id }) {
      const { settings, hasKey, headers } = await providers.get(id)
      const { kind, baseUrl, schemaWithTools, images } = settings
      const { apiKey, headers: values = {} } = await providers.draft(id, undefined)
      return {
        name: id,
        fields: {
          kind,
          base_url: baseUrl,
          api_key_set: hasKey,
          headers,
          schema_with_tools: schemaWithTools,
          images,
        },
        secrets: [
          ...(apiKey === undefined ? [] : [secretAt(apiKey, 'api_key')]),
          ...Object.entries(values).map(([header, value]) => secretAt(value, 'headers', header)),
        ],
      }
    },
    async budget() {
      const { used: _used, resets_at: _resets, version: _version, ...limits } = await readInstanceBudget(db)
      return { name: null, fields: limits }
    },
    async notices() {
      const { rules, channels } = await notices.read()
      const shown = channels.map(({ id, type, name, kinds, shown: place }) => ({
        id,
        type,
        name,
        kinds,
        shown: place,
      }))
      const secrets = channels.flatMap(({ id, name, secrets: { url, secret, botToken } }) =>
        Object.entries({ url, secret, bot_token: botToken }).flatMap(([field, value]) =>
          value === undefined
            ? []
            : [{ key: `${id} ${field}`, pointer: jsonPointer(['channels', name ?? id, field]), value }],
        ),
      )
      return { name: null, fields: { channels: shown, ...rules }, secrets }
    },
    async api_key({ id }) {
      const { name, scope, role, agentId } = await keys.get(id)
      return { name, fields: { name, scope, role, agent_id: agentId } }
    },
    async user({ id }) {
      const { email, name, role, disabled } = await users.get(id)
      return { name, fields: { email, name, role, disabled } }
    },
    async invitation({ id }) {
      const { email, role } = await userLinks.getInvitation(id)
      return { name: email, fields: { email, role } }
    },
    secret: ({ id }) => Promise.resolve({ name: id, fields: {} }),
  }
  return Object.fromEntries(Object.entries(readers).map(([kind, read]) => [kind, unlessMissing(read)]))
}

/** What somebody has decided about a callback. */
function placeOf({ url, events, content, hosts }: Pick<Callback, 'url' | 'events' | 'content' | 'hosts'>) {
  return { url, events, content, hosts }
}

/** A secret with one place in its object. */
function secretAt(value: string, ...path: string[]): AuditedSecret {
  const pointer = jsonPointer(path)
  return { key: pointer, pointer, value }
}

/** Objects that do not exist have no state: the route answers 404. */
function unlessMissing(read: ReadAudited): ReadAudited {
  return (ref) =>
    read(ref).catch((error: unknown) => {
      if (error instanceof BellwireError && error.status === 404) return undefined
      throw error
    })
}
