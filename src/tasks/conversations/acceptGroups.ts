import type pg from 'pg'
import type { Database } from '../../db/database.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'
import type { Signals } from '../../db/signals.ts'
import { announceCancelled } from '../cancel.ts'
import { payloadHash } from '../dedupeKey.ts'
import { WORK_CHANNEL } from '../follow/channels.ts'
import type { NewTask } from '../insertTasks.ts'
import type { PendingLimit } from '../pendingLimit.ts'
import type { Accepted, Refused } from '../writeTasks.ts'
import { closeBursts } from './closeBursts.ts'
import { findValid, lockGroups, type GroupState } from './groupState.ts'
import { planGroups, type GroupPlan } from './planGroups.ts'
import { releaseNext } from './releaseNext.ts'
import { Overtaken, writeGroups } from './writeGroups.ts'

/** How often requests are decided again that others have overtaken. */
const MAX_TRIES = 20

type Outcome = Accepted | Refused

/** How a request can be refused. */
export type Refusals = { gone: (task: NewTask) => Refused; full: (task: NewTask) => Refused }

/**
 * Accepts requests of conversations and bursts: one transaction, in which the rows of their conversations are locked.
 * Each becomes a task, joins one, or repeats an earlier request; when this resolves, all of it is on disk.
 *
 * @param requests the tasks of each request, which are accepted together or not at all
 * @returns the outcomes in the same order
 */
export async function acceptGroups(
  parts: { db: Database; signals: Signals; pendingLimit: PendingLimit; refusals: Refusals },
  requests: readonly NewTask[][],
): Promise<Outcome[][]> {
  const { db, signals } = parts
  for (let tries = 1; ; tries += 1) {
    try {
      const { outcomes, cancelled, plan, state } = await retryOnConflict(() =>
        db.transaction((tx) => acceptOnce(tx, parts, requests)),
      )
      announceCancelled(signals, cancelled)
      if (plan.created.length > 0) signals.publish(WORK_CHANNEL, '')
      // Nobody who waits for an acknowledgement waits for this.
      void startAtOnce(parts, plan, state)
      return outcomes
    } catch (error) {
      if (!(error instanceof Overtaken) || tries >= MAX_TRIES) throw error
    }
  }
}

/**
 * Starts what is due by now: an earlier task may have ended just before this one was written, and a burst may be full.
 * The requests are accepted whatever comes of it; one process does the same every second.
 */
async function startAtOnce(
  parts: { db: Database; signals: Signals },
  plan: GroupPlan,
  { conversations }: GroupState,
): Promise<void> {
  const waiting = new Set(plan.created.flatMap(({ group }) => (group?.waits && group.conversationId) || []))
  const ids = [...conversations.values()].flatMap(({ id }) => (waiting.has(id) ? id : []))
  try {
    await releaseNext(parts, ids)
    if (plan.full.size > 0) await closeBursts(parts)
  } catch {
    // See above.
  }
}

async function acceptOnce(
  tx: pg.PoolClient,
  { pendingLimit, refusals }: { pendingLimit: PendingLimit; refusals: Refusals },
  requests: readonly NewTask[][],
) {
  const outcomes = new Map<NewTask, Outcome>()
  const { leaders, leaderOf } = leadersOf(requests.flat())
  const valid = await findValid(tx, leaders)
  for (const task of leaders) if (!valid.has(task)) outcomes.set(task, refusals.gone(task))
  const state = await lockGroups(tx, valid)
  for (const [task, original] of await readOriginals(tx, [...valid.keys()])) outcomes.set(task, original)
  const isOpen = (task: NewTask): boolean => leaderOf.get(task) === undefined && !outcomes.has(task)
  let plan = planGroups(leaders.filter(isOpen), structuredClone(state))
  const full = await findFull(tx, pendingLimit, requests, plan)
  if (full.size > 0) {
    for (const task of full) outcomes.set(task, refusals.full(task))
    plan = planGroups(leaders.filter(isOpen), structuredClone(state))
  }
  const cancelled = await writeGroups(tx, plan)
  const created = new Map(plan.created.map(({ taskId, group }) => [taskId, group?.conversationId]))
  for (const task of leaders) {
    const { taskId } = task
    if (!created.has(taskId)) continue
    outcomes.set(task, {
      kind: 'accepted',
      taskId,
      replayed: false,
      mismatch: false,
      ...inConversation(created.get(taskId)),
    })
  }
  for (const { task, into } of plan.joins) {
    outcomes.set(task, { kind: 'accepted', taskId: into, replayed: false, mismatch: false, joined: true })
  }
  const outcomeOf = (task: NewTask): Outcome => {
    const leader = leaderOf.get(task) ?? task
    const outcome = outcomes.get(leader)
    if (outcome === undefined) throw new Error('a request of a conversation has no outcome')
    if (leader === task || outcome.kind === 'refused') return outcome
    return { ...outcome, replayed: true, mismatch: !task.payload.equals(leader.payload) }
  }
  return { outcomes: requests.map((tasks) => tasks.map(outcomeOf)), cancelled, plan, state }
}

function inConversation(id: string | null | undefined): Pick<Accepted, 'conversationId'> {
  return id == null ? {} : { conversationId: id }
}

/** Of requests with the same key the first is decided; it answers the others. */
function leadersOf(tasks: readonly NewTask[]): { leaders: NewTask[]; leaderOf: Map<NewTask, NewTask> } {
  const byKey = new Map<string, NewTask>()
  const leaderOf = new Map<NewTask, NewTask>()
  const leaders: NewTask[] = []
  for (const task of tasks) {
    const leader = task.dedupe && byKey.get(task.dedupe.key)
    if (leader) leaderOf.set(task, leader)
    else {
      leaders.push(task)
      if (task.dedupe) byKey.set(task.dedupe.key, task)
    }
  }
  return { leaders, leaderOf }
}

/** Finds the tasks that earlier requests with the same keys have made, or joined. */
async function readOriginals(tx: pg.PoolClient, tasks: readonly NewTask[]): Promise<Map<NewTask, Accepted>> {
  const keyed = tasks.filter(({ dedupe }) => dedupe)
  if (keyed.length === 0) return new Map()
  const { rows } = await tx.query<{
    key: string
    task_id: string
    payload_hash: string | null
    conversation_id: string | null
  }>({
    name: 'groups_keys',
    text: `select k.key, k.task_id, k.payload_hash, t.conversation_id
      from bellwire.dedupe_keys k left join bellwire.tasks t on t.id = k.task_id
      where k.key = any($1::uuid[]) and k.expires_at > now()`,
    values: [keyed.map(({ dedupe }) => dedupe?.key)],
  })
  const byKey = new Map(rows.map((row) => [row.key, row]))
  return new Map(
    keyed.flatMap((task): [NewTask, Accepted][] => {
      const row = byKey.get(task.dedupe?.key ?? '')
      if (!row) return []
      const mismatch = row.payload_hash !== null && BigInt(row.payload_hash) !== payloadHash(task)
      const conversation = inConversation(row.conversation_id)
      return [[task, { kind: 'accepted', taskId: row.task_id, replayed: true, mismatch, ...conversation }]]
    }),
  )
}

/** The tasks of requests for whose agent there is no room. What joins another task takes none. */
async function findFull(
  tx: pg.PoolClient,
  pendingLimit: PendingLimit,
  requests: readonly NewTask[][],
  { created }: GroupPlan,
): Promise<Set<NewTask>> {
  const ids = new Set(created.map(({ taskId }) => taskId))
  const limited = requests.filter((tasks) => tasks.some((task) => task.maxPending !== undefined))
  const needing = limited
    .map((tasks) => ({ tasks, needs: tasks.filter(({ taskId }) => ids.has(taskId)) }))
    .filter(({ needs }) => needs.length > 0)
  if (needing.length === 0) return new Set()
  const admitted = await pendingLimit.admit(
    tx,
    needing.map(({ needs }) => needs),
  )
  return new Set(needing.flatMap(({ tasks }, index) => (admitted[index] ? [] : tasks)))
}
