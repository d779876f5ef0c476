import type pg from 'pg'
import type { AgentConfig, AgentPatch } from '../contract/agent.ts'
import type { Actor } from '../contract/audit.ts'
import type { IfMatch } from '../contract/ifMatch.ts'
import { fromStored } from '../contract/storedConfig.ts'
import { pipeline, type Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { BellwireError } from '../errors.ts'
import { AGENT_COLUMNS, findAgent, lockAgent, type AgentRow } from './agentRow.ts'
import type { AgentChecks } from './checkAgent.ts'
import { importTools, keepImports, withoutImports, type ImportTool } from './importTools.ts'
import { isSame, mergeConfig } from './mergeConfig.ts'
import { refuseStale } from './refuseStale.ts'
import { refuseUnfit } from './refuseUnfit.ts'
import { readConfig, readRevision, readRevisions, type Revision } from './revisions.ts'
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

  /** Checks a patch, and imports its tools; undefined when it changes nothing. */
  async function prepare({ config }: Agent, patch: AgentPatch): Promise<AgentPatch | undefined> {
    const before = config.tools
    const known = patch.tools ? { ...patch, tools: keepImports(patch.tools, before) } : patch
    const wanted = mergeConfig(config, known)
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
      return ready ? write(id, (config) => mergeConfig(config, ready), ifMatch, author) : present
    },

    async draft(id, patch) {
      const present = await get(id)
      const ready = await prepare(present, patch)
      return ready ? mergeConfig(present.config, ready) : present.config
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
      const rows = await readRevisions(db, id, {
        from: after === undefined ? null : Number(after) - 1,
        limit: limit + 1,
      })
      return toPage(rows, { limit, name: (row) => String(row.revision), show: (row) => row })
    },

    revision: (id, revision) => readRevision(db, id, revision),

    async restore(id, revision, ifMatch, author) {
      const present = await get(id)
      await refuseStale(db.pool, present, ifMatch)
      const { config } = await readRevision(db, id, revision)
      if (isSame(config, present.config)) return present
      await refuseUnfit(db, config, config, checks)
      return write(id, () => mergeConfig(config, {}), ifMatch, author)
    },
  }
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

function toAgent(row: AgentRow, config: AgentConfig): Agent {
  return { id: row.id, revision: row.revision, config, createdAt: row.createdAt, updatedAt: row.updatedAt }
}
