import type pg from 'pg'
import { AgentConfig, type AgentPatch } from '../contract/agent.ts'
import type { Actor } from '../contract/audit.ts'
import { jsonPointer, toFieldErrors } from '../contract/fieldErrors.ts'
import { etagOf, isMatch, requireMatch, type IfMatch } from '../contract/ifMatch.ts'
import { fromStored } from '../contract/storedConfig.ts'
import { pipeline, type Database, type Queryable } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { BellwireError } from '../errors.ts'
import { AGENT_COLUMNS, findAgent, lockAgent, type AgentRow } from './agentRow.ts'
import { checkAgent, checkSecrets, type AgentChecks } from './checkAgent.ts'
import { checkCost } from './checkCost.ts'
import { configChanges } from './configChanges.ts'
import { importTools, keepImports, withoutImports, type ImportTool } from './importTools.ts'
import { refuseUnfinishedTasks } from './unfinishedTasks.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'

export type Agent = {
  id: string
  revision: number
  config: AgentConfig
  createdAt: Date
  updatedAt: Date
}

/** What happens to the unfinished tasks of a deleted agent: they are cancelled, or run to completion. */
export type DeleteMode = 'cancel' | 'finish'

export type Revision = {
  agentId: string
  revision: number
  config: AgentConfig
  /** Pointers of what differs from the revision before; null for the first. */
  changed: string[] | null
  /** Who saved it; null when that is not known. */
  author: Actor | null
  createdAt: Date
}

/**
 * Agents and their revisions. Every method but `list` throws BellwireError `agent_not_found` for the id of an unknown
 * or deleted agent; saving throws `schema_invalid` for an invalid configuration.
 */
export type Agents = {
  create(config: AgentConfig, author?: Actor): Promise<Agent>
  get(id: string): Promise<Agent>
  /** Newest first; `after` is the id of an agent. */
  list(page: PageRequest): Promise<Page<Agent>>
  /**
   * Merges the fields of the patch into the latest revision. Creates a new revision if anything changes.
   *
   * @throws BellwireError `precondition_failed`, with what has changed, when `ifMatch` is of another revision
   */
  update(id: string, patch: AgentPatch, ifMatch?: IfMatch, author?: Actor): Promise<Agent>
  /** The configuration that `update` would save, checked in the same way. Nothing is saved. */
  draft(id: string, patch: AgentPatch): Promise<AgentConfig>
  /** Imports tools from their servers and documents again. Creates a new revision if anything changes. */
  refreshTools(id: string, ifMatch?: IfMatch, author?: Actor): Promise<Agent>
  /**
   * Removes the agent from every list and disables its webhooks. Its tasks and revisions stay readable.
   *
   * @param tasks what to do with unfinished tasks; the caller performs `cancel`
   * @throws BellwireError `agent_in_use` when there are some and `tasks` is undefined
   */
  delete(id: string, tasks?: DeleteMode, ifMatch?: IfMatch): Promise<void>
  /** Newest first; `after` is the number of a revision. */
  revisions(id: string, page: PageRequest): Promise<Page<Revision>>
  /** @throws BellwireError `revision_not_found` */
  revision(id: string, revision: number): Promise<Revision>
  /**
   * Makes an earlier revision the configuration of the agent again, its imported tools included: a new revision, unless
   * it is that of now. It is checked as any other change.
   *
   * @throws BellwireError `revision_not_found`
   */
  restore(id: string, revision: number, ifMatch?: IfMatch, author?: Actor): Promise<Agent>
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
  async function get(id: string): Promise<Agent> {
    const agent = await findAgent(db.pool, id)
    return toAgent(agent, await readConfig(db.pool, agent))
  }

  /** Creates a new revision if anything changes. The agent stays locked from the check of `ifMatch` to the commit. */
  function write(
    id: string,
    change: (before: AgentConfig) => AgentConfig,
    ifMatch: IfMatch,
    author?: Actor,
  ): Promise<Agent> {
    return db.transaction(async (tx) => {
      const agent = await lockAgent(tx, id)
      const before = await readConfig(tx, agent)
      await refuseStale(tx, toAgent(agent, before), ifMatch)
      const after = change(before)
      if (isSame(before, after)) return toAgent(agent, before)

      const changed = await tx.query<AgentRow>(
        `update bellwire.agents a set revision = revision + 1, name = $2, updated_at = now() where id = $1
          returning ${AGENT_COLUMNS}`,
        [id, after.name],
      )
      return writeRevision(tx, onlyRow(changed), after, author)
    })
  }

  /** The revisions of an agent, newest first, each compared with the one before it. */
  async function readRevisions(id: string, from: number | null, limit: number): Promise<Revision[]> {
    const { rows } = await db.pool.query<Omit<Revision, 'changed'>>(
      `select agent_id as "agentId", revision, config, author, created_at as "createdAt" from bellwire.agent_revisions
        where agent_id = $1 and ($2::int is null or revision <= $2)
        order by revision desc limit $3`,
      [id, from, limit + 1],
    )
    const revisions = rows.map((row) => ({ ...row, config: fromStored(row.config) }))
    return revisions.slice(0, limit).map((row, index) => {
      const before = revisions[index + 1]
      return {
        ...row,
        changed: before ? configChanges(before.config, row.config).map(({ pointer }) => pointer) : null,
      }
    })
  }

  async function readRevision(id: string, revision: number): Promise<Revision> {
    await findAgent(db.pool, id)
    const [found] = await readRevisions(id, revision, 1)
    if (found?.revision !== revision) throw new BellwireError('revision_not_found')
    return found
  }

  /** Checks a patch, and imports its tools; undefined when it changes nothing. */
  async function prepare({ config }: Agent, patch: AgentPatch): Promise<AgentPatch | undefined> {
    const before = config.tools
    const known = patch.tools ? { ...patch, tools: keepImports(patch.tools, before) } : patch
    const wanted = merge(config, known)
    if (isSame(config, wanted)) return undefined
    await refuseUnfit(db, patch, wanted, checks)
    return patch.tools ? { ...patch, tools: await importTools(patch.tools, { before, importTool }) } : patch
  }

  return {
    async create(written, author) {
      await refuseUnfit(db, written, written, checks)
      const tools = await importTools(written.tools, { before: [], importTool })
      const config = { ...written, tools }
      return db.transaction(async (tx) => {
        const agent = await tx.query<AgentRow>(
          `insert into bellwire.agents as a (id, name, revision) values ($1, $2, 1) returning ${AGENT_COLUMNS}`,
          [newId(), config.name],
        )
        return writeRevision(tx, onlyRow(agent), config, author)
      })
    },

    get,

    async list({ limit, after }) {
      const { rows } = await db.pool.query<AgentRow & { config: AgentConfig }>(
        `select ${AGENT_COLUMNS}, r.config from bellwire.agents a
          join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
          where a.deleted_at is null and ($1::uuid is null or a.id < $1)
          order by a.id desc limit $2`,
        [after ?? null, limit + 1],
      )
      return toPage(rows, {
        limit,
        name: (row) => row.id,
        show: ({ config, ...agent }) => toAgent(agent, fromStored(config)),
      })
    },

    // Imports are read before the transaction: they may take seconds.
    async update(id, patch, ifMatch, author) {
      const present = await get(id)
      await refuseStale(db.pool, present, ifMatch)
      const ready = await prepare(present, patch)
      return ready ? write(id, (config) => merge(config, ready), ifMatch, author) : present
    },

    async draft(id, patch) {
      const present = await get(id)
      const ready = await prepare(present, patch)
      return ready ? merge(present.config, ready) : present.config
    },

    async refreshTools(id, ifMatch, author) {
      const present = await get(id)
      await refuseStale(db.pool, present, ifMatch)
      const before = present.config.tools
      const tools = await importTools(before, { before, importTool, afresh: true })
      const change = (config: AgentConfig): AgentConfig => {
        if (isSame(withoutImports(config.tools), withoutImports(before))) return { ...config, tools }
        throw new BellwireError(
          'conflict',
          "The agent's tools were changed in the meantime. Fetch the agent and try again.",
        )
      }
      return write(id, change, ifMatch, author)
    },

    async delete(id, tasks, ifMatch) {
      await db.transaction(async (tx) => {
        const agent = await lockAgent(tx, id)
        await refuseStale(tx, toAgent(agent, await readConfig(tx, agent)), ifMatch)
        if (tasks === undefined) await refuseUnfinishedTasks(tx, id)
        const deleted = tx.query(
          'update bellwire.agents set deleted_at = now(), delete_mode = $2 where id = $1',
          [id, tasks ?? null],
        )
        pipeline(tx, deleted)
        pipeline(tx, tx.query('delete from bellwire.schedules where agent_id = $1', [id]))
      })
    },

    async revisions(id, { limit, after }) {
      await findAgent(db.pool, id)
      const rows = await readRevisions(id, after === undefined ? null : Number(after) - 1, limit + 1)
      return toPage(rows, { limit, name: (row) => String(row.revision), show: (row) => row })
    },

    revision: readRevision,

    async restore(id, revision, ifMatch, author) {
      const present = await get(id)
      await refuseStale(db.pool, present, ifMatch)
      const { config } = await readRevision(id, revision)
      if (isSame(config, present.config)) return present
      await refuseUnfit(db, config, config, checks)
      return write(id, () => merge(config, {}), ifMatch, author)
    },
  }
}

/**
 * Checks only the fields that are being saved: earlier problems can be fixed one at a time. Cost limits depend on other
 * fields.
 */
async function refuseUnfit(
  db: Database,
  config: AgentPatch,
  { model, limits, budget }: AgentConfig,
  checks: AgentChecks,
): Promise<void> {
  const errors = await checkAgent(config, checks)
  if (config.model !== undefined || config.limits || config.budget) {
    errors.push(...(await checkCost({ model, limits, budget }, checks.hasPrice)))
  }
  if (config.tools?.length) {
    const { rows } = await db.pool.query<{ name: string }>('select name from bellwire.secrets')
    errors.push(...checkSecrets(config.tools, new Set(rows.map((secret) => secret.name))))
  }
  if (errors.length > 0) {
    throw new BellwireError('schema_invalid', 'This configuration is invalid.', { errors })
  }
}

/** Refuses a change that was made for another revision than the present one, with what has changed since. */
async function refuseStale(
  source: Queryable,
  { id, revision, config }: Agent,
  ifMatch: IfMatch,
): Promise<void> {
  const etag = etagOf(revision)
  if (isMatch(ifMatch, etag)) return
  const known = ifMatch instanceof Set ? [...ifMatch].map((tag) => Number(tag.slice(1, -1))) : []
  const { rows } = await source.query<{ config: AgentConfig }>(
    `select config from bellwire.agent_revisions where agent_id = $1 and revision::float8 = any($2::float8[])
      order by revision desc limit 1`,
    [id, known.filter(Number.isSafeInteger)],
  )
  const base = rows[0] && fromStored(rows[0].config)
  requireMatch(ifMatch, etag, base ? { changes: configChanges(base, config) } : {})
}

async function readConfig(source: Queryable, { id, revision }: AgentRow): Promise<AgentConfig> {
  const { rows } = await source.query<{ config: AgentConfig }>({
    name: 'agent_config',
    text: 'select config from bellwire.agent_revisions where agent_id = $1 and revision = $2',
    values: [id, revision],
  })
  if (!rows[0]) throw new Error(`agent ${id} has no revision ${revision}`)
  return fromStored(rows[0].config)
}

/** Stores the configuration of the revision; sent in the same round trip as the commit. */
function writeRevision(tx: pg.PoolClient, agent: AgentRow, config: AgentConfig, author?: Actor): Agent {
  const revision = tx.query(
    'insert into bellwire.agent_revisions (agent_id, revision, config, author) values ($1, $2, $3, $4)',
    [agent.id, agent.revision, JSON.stringify(config), author === undefined ? null : JSON.stringify(author)],
  )
  pipeline(tx, revision)
  return toAgent(agent, config)
}

/** A stored configuration may violate rules added since it was saved: then it is rejected, too. */
function merge(before: AgentConfig, patch: AgentPatch): AgentConfig {
  const approvals = { ...before.approvals, ...patch.approvals }
  const fields = Object.entries({ ...before, ...patch, approvals }).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  const input = Object.fromEntries(fields)
  const merged = AgentConfig.safeParse(input)
  if (merged.success) return merged.data
  const errors = toFieldErrors(merged.error.issues, { schema: AgentConfig, input, pointer: jsonPointer })
  throw new BellwireError('schema_invalid', undefined, { errors })
}

/** Compared as text: the order of properties in a schema matters to a model. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function toAgent(row: AgentRow, config: AgentConfig): Agent {
  return { id: row.id, revision: row.revision, config, createdAt: row.createdAt, updatedAt: row.updatedAt }
}
