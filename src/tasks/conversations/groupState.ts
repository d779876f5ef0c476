import type pg from 'pg'
import { newId } from '../../db/id.ts'
import type { NewTask } from '../insertTasks.ts'

/** A task of a conversation that has not ended. */
export type LiveTask = {
  taskId: string
  senderTrusted: boolean
  /** It waits for a person, or for the rest of its burst: nothing is added to it. */
  isClosed: boolean
  joined: number
}

/** A conversation whose row is locked: nobody else accepts one of its tasks meanwhile. */
export type LockedConversation = {
  id: string
  /** The first of the places that were reserved in its order. */
  nextTurn: number
  /** In their order. */
  live: LiveTask[]
}

/** The task that collects a burst. */
export type OpenBurst = { taskId: string; senderTrusted: boolean; joined: number }

/** What decides about requests, locked until the transaction ends. */
export type GroupState = {
  conversations: Map<string, LockedConversation>
  bursts: Map<string, OpenBurst>
}

/** Tasks whose agent and webhook still exist, with the id of the webhook. */
export async function findValid(
  tx: pg.PoolClient,
  tasks: readonly NewTask[],
): Promise<Map<NewTask, { webhookId: string | null }>> {
  const { rows } = await tx.query<{ n: number; webhook_id: string | null }>({
    name: 'groups_valid',
    text: `select i.n::int, w.id as webhook_id
      from unnest($1::uuid[], $2::bytea[]) with ordinality as i(agent_id, hash, n)
      join bellwire.agents a on a.id = i.agent_id and a.deleted_at is null
      left join bellwire.webhook_tokens t on t.hash = i.hash and (t.expires_at is null or t.expires_at > now())
      left join bellwire.webhooks w on w.id = t.webhook_id and w.enabled and w.agent_id = i.agent_id
      where i.hash is null or w.id is not null`,
    values: [tasks.map(({ agentId }) => agentId), tasks.map(({ tokenHash }) => tokenHash ?? null)],
  })
  const valid = new Map<NewTask, { webhookId: string | null }>()
  for (const { n, webhook_id: webhookId } of rows) {
    const task = tasks[n - 1]
    if (task) valid.set(task, { webhookId })
  }
  return valid
}

/**
 * Locks the conversations and bursts of tasks, and what may be added to. A conversation without a row gets one. In a
 * fixed order: conversations, bursts, tasks.
 */
export async function lockGroups(
  tx: pg.PoolClient,
  tasks: ReadonlyMap<NewTask, { webhookId: string | null }>,
): Promise<GroupState> {
  const conversations = await lockConversations(tx, tasks)
  const burstRows = await lockBursts(tx, [...tasks.keys()])
  const live = await readLive(tx, [...conversations.values()])
  const candidates = new Set(burstRows.map(({ taskId }) => taskId))
  for (const task of tasks.keys()) {
    if (task.conversation?.whileRunning !== 'append') continue
    for (const { taskId } of live.get(conversations.get(task.conversation.name)?.id ?? '') ?? []) {
      candidates.add(taskId)
    }
  }
  const locked = await lockTasks(tx, [...candidates])
  for (const conversation of conversations.values()) {
    conversation.live = (live.get(conversation.id) ?? []).flatMap((task) => {
      if (!candidates.has(task.taskId)) return task
      const row = locked.get(task.taskId)
      return row ? { ...task, isClosed: isClosed(row.held), joined: row.joined } : []
    })
  }
  const bursts = new Map<string, OpenBurst>()
  for (const { name, taskId } of burstRows) {
    const row = locked.get(taskId)
    if (row?.held !== 'coalescing') continue
    bursts.set(name, { taskId, senderTrusted: row.sender_trusted, joined: row.joined })
  }
  return { conversations, bursts }
}

async function lockConversations(
  tx: pg.PoolClient,
  tasks: ReadonlyMap<NewTask, { webhookId: string | null }>,
): Promise<Map<string, LockedConversation>> {
  const wanted = new Map<string, { task: NewTask; webhookId: string | null; count: number }>()
  for (const [task, { webhookId }] of tasks) {
    if (!task.conversation) continue
    const { name } = task.conversation
    wanted.set(name, { task, webhookId, count: (wanted.get(name)?.count ?? 0) + 1 })
  }
  if (wanted.size === 0) return new Map()
  const all = [...wanted]
  const { rows } = await tx.query<{ name: string; id: string; turns: number }>({
    name: 'conversations_lock',
    text: `insert into bellwire.conversations as c (id, name, agent_id, webhook_id, key, turns, expires_at)
      select id, name, agent_id, webhook_id, key, count, now() + make_interval(days => keep_days)
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::int[], $7::int[])
        as i(id, name, agent_id, webhook_id, key, count, keep_days)
      order by name
      on conflict (name) do update set turns = c.turns + excluded.turns, expires_at = excluded.expires_at
      returning name, id, turns::float8 as turns`,
    values: [
      all.map(() => newId()),
      all.map(([name]) => name),
      all.map(([, { task }]) => task.agentId),
      all.map(([, { webhookId }]) => webhookId),
      all.map(([, { task }]) => task.conversation?.key),
      all.map(([, { count }]) => count),
      all.map(([, { task }]) => task.conversation?.keepDays),
    ],
  })
  return new Map(
    rows.map(({ name, id, turns }) => [
      name,
      { id, nextTurn: turns - (wanted.get(name)?.count ?? 0) + 1, live: [] },
    ]),
  )
}

/** Locks the rows of bursts; for those that are open, the task that collects them. */
async function lockBursts(
  tx: pg.PoolClient,
  tasks: readonly NewTask[],
): Promise<{ name: string; taskId: string }[]> {
  const wanted = new Map(tasks.flatMap((task) => (task.burst ? [[task.burst.name, task]] : [])))
  if (wanted.size === 0) return []
  const all = [...wanted]
  // A row that is new, or closed, points to a task that is not there: one is made, or nothing joins.
  const { rows } = await tx.query<{ name: string; task_id: string }>({
    name: 'bursts_lock',
    text: `insert into bellwire.bursts as b (name, task_id, closes_at)
      select name, task_id, now() from unnest($1::uuid[], $2::uuid[]) as i(name, task_id) order by name
      on conflict (name) do update set closes_at = b.closes_at
      returning name, case when closes_at > clock_timestamp() then task_id end as task_id`,
    values: [all.map(([name]) => name), all.map(([, { taskId }]) => taskId)],
  })
  return rows.flatMap((row) => (row.task_id === null ? [] : [{ name: row.name, taskId: row.task_id }]))
}

async function readLive(
  tx: pg.PoolClient,
  conversations: readonly LockedConversation[],
): Promise<Map<string, LiveTask[]>> {
  if (conversations.length === 0) return new Map()
  const { rows } = await tx.query<Omit<LockedRow, 'joined'> & { conversation_id: string }>({
    name: 'conversations_live',
    text: `select id, conversation_id, sender_trusted, held ->> 'reason' as held from bellwire.tasks
      where conversation_id = any($1::uuid[]) and turn is not null and state in ('PENDING', 'STARTED', 'WAITING')
      order by turn`,
    values: [conversations.map(({ id }) => id)],
  })
  const tasks = Map.groupBy(rows, (row) => row.conversation_id)
  return new Map(
    [...tasks].map(([id, list]) => [
      id,
      list.map((row) => ({
        taskId: row.id,
        senderTrusted: row.sender_trusted,
        isClosed: isClosed(row.held),
        joined: 0,
      })),
    ]),
  )
}

type LockedRow = { id: string; sender_trusted: boolean; held: string | null; joined: number }

/** Locks tasks to which requests may be added. Those that have ended meanwhile are left out. */
async function lockTasks(tx: pg.PoolClient, ids: string[]): Promise<Map<string, LockedRow>> {
  if (ids.length === 0) return new Map()
  const { rows } = await tx.query<LockedRow>({
    name: 'groups_lock_tasks',
    text: `select id, sender_trusted, case when state = 'PENDING' then held ->> 'reason' end as held,
        coalesce(joined, 0) as joined
      from bellwire.tasks where id = any($1::uuid[]) and state in ('PENDING', 'STARTED', 'WAITING')
      order by id for no key update`,
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row]))
}

function isClosed(held: string | null): boolean {
  return held === 'webhook_hold' || held === 'loop_suspected' || held === 'coalescing'
}
