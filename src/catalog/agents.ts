import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm'
import { AgentConfig, type AgentPatch } from '../contract/agent.ts'
import { jsonPointer, toFieldErrors } from '../contract/fieldErrors.ts'
import { fromStored } from '../contract/storedConfig.ts'
import type { Database } from '../db/database.ts'
import { agentRevisions, agents, secrets } from '../db/schema.ts'
import { BellwireError } from '../errors.ts'
import { newId } from '../db/id.ts'
import { findAgent, lockAgent, type AgentRow, type Source } from './agentRow.ts'
import { checkAgent, checkSecrets, type AgentChecks } from './checkAgent.ts'
import { importTools, keepImports, withoutImports, type ImportTool } from './importTools.ts'
import { toPage, type Page, type PageRequest } from './page.ts'

export type Agent = {
  id: string
  revision: number
  config: AgentConfig
  createdAt: Date
  updatedAt: Date
}

export type Revision = { agentId: string; revision: number; config: AgentConfig; createdAt: Date }

/**
 * Agents and their revisions. Every method but `list` throws BellwireError `agent_not_found` for an id that
 * stands for no agent, or for a deleted one; saving throws `schema_invalid` for a configuration that could
 * not run.
 */
export type Agents = {
  create(config: AgentConfig): Promise<Agent>
  get(id: string): Promise<Agent>
  /** Newest first; `after` is the id of an agent. */
  list(page: PageRequest): Promise<Page<Agent>>
  /** Merges the fields of the patch over the newest revision. Makes a new one if that changes anything. */
  update(id: string, patch: AgentPatch): Promise<Agent>
  /** Reads anew what tools come from: a server, a document. Makes a new revision if that changes anything. */
  refreshTools(id: string): Promise<Agent>
  /** Takes the agent out of every list and closes its webhooks. Its tasks and revisions stay readable. */
  delete(id: string): Promise<void>
  /** Newest first; `after` is the number of a revision. */
  revisions(id: string, page: PageRequest): Promise<Page<Revision>>
}

export function createAgents({
  db,
  checks,
  importTool,
}: {
  db: Database
  checks: AgentChecks
  importTool: ImportTool
}): Agents {
  const newest = and(eq(agentRevisions.agentId, agents.id), eq(agentRevisions.revision, agents.revision))

  async function get(id: string): Promise<Agent> {
    const agent = await findAgent(db.orm, id)
    return toAgent(agent, await readConfig(db.orm, id, agent.revision))
  }

  /** Makes a new revision if the change changes anything. */
  function write(id: string, change: (before: AgentConfig) => AgentConfig): Promise<Agent> {
    return db.orm.transaction(async (tx) => {
      const agent = await lockAgent(tx, id)
      const before = await readConfig(tx, id, agent.revision)
      const after = change(before)
      if (isSame(before, after)) return toAgent(agent, before)

      const revision = agent.revision + 1
      await tx.insert(agentRevisions).values({ agentId: id, revision, config: after })
      const [changed] = await tx
        .update(agents)
        .set({ revision, name: after.name, updatedAt: sql`now()` })
        .where(eq(agents.id, id))
        .returning()
      if (!changed) throw new Error('a locked row stays')
      return toAgent(changed, after)
    })
  }

  return {
    async create(written) {
      await refuseUnfit(db.orm, written, checks)
      const tools = await importTools(written.tools, { before: [], importTool })
      const config = { ...written, tools }
      return db.orm.transaction(async (tx) => {
        const id = newId()
        const row = { id, name: config.name, revision: 1 }
        const [agent] = await tx.insert(agents).values(row).returning()
        if (!agent) throw new Error('an insert returns its row')
        await tx.insert(agentRevisions).values({ agentId: id, revision: 1, config })
        return toAgent(agent, config)
      })
    },

    get,

    async list({ limit, after }) {
      const rows = await db.orm
        .select({ agent: agents, config: agentRevisions.config })
        .from(agents)
        .innerJoin(agentRevisions, newest)
        .where(and(isNull(agents.deletedAt), after === undefined ? undefined : lt(agents.id, after)))
        .orderBy(desc(agents.id))
        .limit(limit + 1)
      return toPage(rows, {
        limit,
        name: (row) => row.agent.id,
        show: (row) => toAgent(row.agent, fromStored(row.config)),
      })
    },

    // What has to be read is read before the transaction: it may take seconds.
    async update(id, patch) {
      const present = await get(id)
      const before = present.config.tools
      const known = patch.tools ? { ...patch, tools: keepImports(patch.tools, before) } : patch
      if (isSame(present.config, merge(present.config, known))) return present
      await refuseUnfit(db.orm, patch, checks)
      const ready = patch.tools
        ? { ...patch, tools: await importTools(patch.tools, { before, importTool }) }
        : patch
      return write(id, (config) => merge(config, ready))
    },

    async refreshTools(id) {
      const { config } = await get(id)
      const before = config.tools
      const tools = await importTools(before, { before, importTool, afresh: true })
      return write(id, (present) => {
        if (isSame(withoutImports(present.tools), withoutImports(before))) return { ...present, tools }
        throw new BellwireError('conflict', 'The tools of the agent were edited in the meantime.')
      })
    },

    async delete(id) {
      await db.orm.transaction(async (tx) => {
        await lockAgent(tx, id)
        await tx
          .update(agents)
          .set({ deletedAt: sql`now()` })
          .where(eq(agents.id, id))
      })
    },

    async revisions(id, { limit, after }) {
      await findAgent(db.orm, id)
      const rows = await db.orm
        .select()
        .from(agentRevisions)
        .where(
          and(
            eq(agentRevisions.agentId, id),
            after === undefined ? undefined : lt(agentRevisions.revision, Number(after)),
          ),
        )
        .orderBy(desc(agentRevisions.revision))
        .limit(limit + 1)
      return toPage(rows, {
        limit,
        name: (row) => String(row.revision),
        show: (row) => ({ ...row, config: fromStored(row.config) }),
      })
    },
  }
}

/** Looks at the fields that are being saved only: what stood before may be mended one piece at a time. */
async function refuseUnfit(source: Source, config: AgentPatch, checks: AgentChecks): Promise<void> {
  const errors = checkAgent(config, checks)
  if (config.tools?.length) {
    const known = await source.select({ name: secrets.name }).from(secrets)
    errors.push(...checkSecrets(config.tools, new Set(known.map((secret) => secret.name))))
  }
  if (errors.length > 0) {
    throw new BellwireError('schema_invalid', 'The agent could not run like this.', { errors })
  }
}

async function readConfig(source: Source, agentId: string, revision: number): Promise<AgentConfig> {
  const [row] = await source
    .select({ config: agentRevisions.config })
    .from(agentRevisions)
    .where(and(eq(agentRevisions.agentId, agentId), eq(agentRevisions.revision, revision)))
  if (!row) throw new Error(`agent ${agentId} has no revision ${revision}`)
  return fromStored(row.config)
}

/** What stood before may have been saved under other rules than those of today: then it is refused, too. */
function merge(before: AgentConfig, patch: AgentPatch): AgentConfig {
  const fields = Object.entries({ ...before, ...patch }).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  const input = Object.fromEntries(fields)
  const merged = AgentConfig.safeParse(input)
  if (merged.success) return merged.data
  const errors = toFieldErrors(merged.error.issues, input, jsonPointer)
  throw new BellwireError('schema_invalid', undefined, { errors })
}

/** As text: the order of properties in a schema matters to a model. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function toAgent(row: AgentRow, config: AgentConfig): Agent {
  return { id: row.id, revision: row.revision, config, createdAt: row.createdAt, updatedAt: row.updatedAt }
}
