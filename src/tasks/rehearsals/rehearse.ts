import type { AgentConfig } from '../../contract/agent.ts'
import type { Database } from '../../db/database.ts'
import { isId, newId } from '../../db/id.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'
import type { Signals } from '../../db/signals.ts'
import { BellwireError } from '../../errors.ts'
import type { FairRanks } from '../../queue/fairRank.ts'
import { freshRank } from '../../queue/rank.ts'
import { collected } from '../conversations/collected.ts'
import { WORK_CHANNEL } from '../follow/channels.ts'
import { IS_HELD } from '../heldTasks.ts'
import { readRevision } from '../claim.ts'
import { scanTasks } from '../views/scanTasks.ts'
import type { TaskFilter } from '../views/taskFilter.ts'

/** What is rehearsed: tasks that a webhook holds, or those that match a filter, the newest `limit`; one task; a payload. */
export type RehearsalSelection =
  | { limit: number; heldAt: string }
  | { limit: number; filter: Omit<TaskFilter, 'agentId'> }
  | { taskId: string }
  | { payload: unknown }

export type RehearsalOptions = {
  agentId: string
  selection: RehearsalSelection
  /** An unsaved configuration, or the number of a revision; the latest revision by default. */
  on: { draft: AgentConfig } | { revision: number } | undefined
}

/** Starts a rehearsal: its id, and its tasks, newest original first. */
export type Rehearse = (options: RehearsalOptions) => Promise<{ id: string; taskIds: string[] }>

/** How long tasks are searched for. */
const SEARCH_MS = 5_000

/** Their payloads are those of other tasks. */
const COPIES = ['replay', 'rehearsal']

/** The task of a payload: whoever starts the rehearsal sends it. */
const OF_PAYLOAD = `with rehearsal as (
    insert into bellwire.rehearsals (id, agent_id, revision, config)
    select $2, id, $4, $5::json from bellwire.agents where id = $3 and deleted_at is null
    returning agent_id
  ), inserted as (
    insert into bellwire.tasks (id, agent_id, revision, origin, sender_verified, sender_trusted, payload, request,
      last_event)
    select $1, agent_id, $4, 'rehearsal', true, true, $6, '{"method":"POST","headers":{},"query":{}}', 1 from rehearsal
    returning id, agent_id
  ), linked as (
    insert into bellwire.rehearsed_tasks (task_id, rehearsal_id) select id, $2 from inserted
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, why) select id, agent_id, $7, 'accepted' from inserted
  )
  select id from inserted`

const STATEMENT = `with i as (
    select * from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as i(id, rehearses, rank)
  ), rehearsal as (
    insert into bellwire.rehearsals (id, agent_id, revision, config)
    select $4, id, $6, $7::json from bellwire.agents where id = $5 and deleted_at is null
    returning agent_id
  ), seen as (
    select i.id, s.key, s.kind, s.name, s.step, s.state, s.input, s.output, s.started_at, s.finished_at,
      row_number() over (partition by i.id order by s.event)::int as n
    from i join bellwire.steps s on s.task_id = i.rehearses and s.kind = 'input'
  ), inserted as (
    insert into bellwire.tasks (id, agent_id, revision, origin, sender_verified, sender_trusted, payload, request,
      last_event)
    select i.id, t.agent_id, $6, 'rehearsal', t.sender_verified, t.sender_trusted,
      case when t.held ->> 'reason' = 'coalescing' then ${collected('t')} else t.payload end, t.request,
      1 + (select count(*) from seen where seen.id = i.id)
    from i join bellwire.tasks t on t.id = i.rehearses join rehearsal r on r.agent_id = t.agent_id
    returning id
  ), linked as (
    insert into bellwire.rehearsed_tasks (task_id, rehearsal_id, rehearses)
    select id, $4, i.rehearses from inserted join i using (id)
  ), copied as (
    insert into bellwire.steps (task_id, event, key, kind, name, step, state, attempt, input, output, started_at,
      finished_at)
    select s.id, 1 + s.n, s.key, s.kind, s.name, s.step, s.state, 0, s.input, s.output, s.started_at, s.finished_at
    from seen s join inserted using (id)
  ), bodies as (
    insert into bellwire.task_bodies (task_id, body)
    select id, b.body from inserted join i using (id) join bellwire.task_bodies b on b.task_id = i.rehearses
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, why)
    select id, $5, i.rank, 'accepted' from inserted join i using (id)
  )
  select id from inserted order by id desc`

/**
 * Creates the function that lets an agent rehearse: it runs tasks again as new tasks whose writes are simulated. These
 * belong to no webhook, so nothing is delivered, and none of its limits counts them; and to no conversation, but they
 * see what the original saw of its own.
 *
 * The function throws BellwireError `agent_not_found`, `provider_not_configured` when the model cannot be used, and
 * `conflict` when there is nothing to rehearse.
 */
export function createRehearse({
  db,
  signals,
  ranks,
  checkModel,
}: {
  db: Database
  signals: Signals
  ranks: FairRanks
  /** Says why a model cannot be used; undefined when it can. */
  checkModel: (model: string) => Promise<string | undefined> | string | undefined
}): Rehearse {
  return async ({ agentId, selection, on }) => {
    const { revision, config, draft } = await resolve(db, agentId, on)
    const detail = await checkModel(config.model)
    if (detail !== undefined) {
      throw new BellwireError(
        'provider_not_configured',
        `The rehearsal would use the model ${config.model}: ${detail}. Rehearse a draft with another "model".`,
        { status: 409 },
      )
    }
    const id = newId()
    const rehearsal = [id, agentId, revision, draft ? JSON.stringify(config) : null]
    const nextRank = (): number => freshRank({ interactive: false, place: ranks.next(agentId) })
    const statement =
      'payload' in selection
        ? ofPayload(selection.payload, rehearsal, nextRank())
        : ofTasks(await select(db, agentId, selection), rehearsal, nextRank)
    const { rows } = await retryOnConflict(() => db.pool.query<{ id: string }>(statement))
    if (rows.length === 0) throw new BellwireError('agent_not_found')
    signals.publish(WORK_CHANNEL, '')
    return { id, taskIds: rows.map((row) => row.id) }
  }
}

async function resolve(
  db: Database,
  agentId: string,
  on: RehearsalOptions['on'],
): Promise<{ revision: number; config: AgentConfig; draft: boolean }> {
  const wanted = on && 'revision' in on ? on.revision : null
  const { rows } = await db.pool.query<{ revision: number | null; latest: number }>(
    `select r.revision, a.revision as latest from bellwire.agents a
      left join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = coalesce($2, a.revision)
      where a.id = $1 and a.deleted_at is null`,
    [agentId, wanted],
  )
  const [agent] = rows
  if (!agent) throw new BellwireError('agent_not_found')
  if (agent.revision === null) {
    throw new BellwireError('schema_invalid', undefined, {
      errors: [{ pointer: '/revision', detail: `does not exist; the latest revision is ${agent.latest}` }],
    })
  }
  if (on && 'draft' in on) return { revision: agent.latest, config: on.draft, draft: true }
  return { revision: agent.revision, config: await readRevision(db, agentId, agent.revision), draft: false }
}

function ofPayload(payload: unknown, rehearsal: unknown[], rank: number) {
  const values = [newId(), ...rehearsal, Buffer.from(JSON.stringify(payload)), rank]
  return { name: 'rehearsal_of_payload', text: OF_PAYLOAD, values }
}

function ofTasks(originals: string[], rehearsal: unknown[], nextRank: () => number) {
  // The newest is rehearsed first, and its id is the highest.
  const ids = originals
    .map(() => newId())
    .toSorted()
    .toReversed()
  const values = [ids, originals, ids.map(nextRank), ...rehearsal]
  return { name: 'rehearsal_insert', text: STATEMENT, values }
}

/**
 * The tasks that are rehearsed, newest first.
 *
 * @throws BellwireError `conflict` when there are none, `task_not_found`
 */
async function select(
  db: Database,
  agentId: string,
  selection: Exclude<RehearsalSelection, { payload: unknown }>,
): Promise<string[]> {
  if ('taskId' in selection) return [await findOriginal(db, agentId, selection.taskId)]
  const { limit } = selection
  const originals =
    'filter' in selection
      ? (await scanTasks(db, withoutCopies(agentId, selection.filter), { limit, timeMs: SEARCH_MS })).ids
      : await findHeld(db, agentId, selection)
  if (originals.length > 0) return originals
  throw new BellwireError('conflict', `There is nothing to rehearse: ${nothing(selection)}.`)
}

function withoutCopies(agentId: string, filter: TaskFilter): TaskFilter {
  return { ...filter, agentId, exceptOrigins: [...COPIES, ...(filter.exceptOrigins ?? [])] }
}

async function findOriginal(db: Database, agentId: string, taskId: string): Promise<string> {
  const { rows } = isId(taskId)
    ? await db.pool.query<{ origin: string }>(
        'select origin from bellwire.tasks where id = $1 and agent_id = $2',
        [taskId, agentId],
      )
    : { rows: [] }
  const [task] = rows
  if (!task) throw new BellwireError('task_not_found', 'This agent has no such task.')
  if (task.origin !== 'rehearsal') return taskId
  throw new BellwireError('conflict', 'This task is a rehearsal. Rehearse the task that it rehearses.')
}

async function findHeld(
  db: Database,
  agentId: string,
  { heldAt, limit }: { heldAt: string; limit: number },
): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `select id from bellwire.tasks where agent_id = $1 and webhook_id = $2 and ${IS_HELD}
      order by id desc limit $3`,
    [agentId, heldAt, limit],
  )
  return rows.map(({ id }) => id)
}

function nothing(selection: { limit: number } & object): string {
  return 'filter' in selection
    ? 'this agent has no matching task that is not itself a replay or a rehearsal'
    : 'this webhook holds no tasks'
}
