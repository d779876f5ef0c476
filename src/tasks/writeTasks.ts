import type { Queryable } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { BellwireError } from '../errors.ts'
import { payloadHash } from './dedupeKey.ts'
import { WORK_CHANNEL } from './follow/channels.ts'
import { insertTasks, type Echo, type NewTask } from './insertTasks.ts'

/**
 * `replayed`: the key was seen before, and this is the task that it made then; `mismatch`: with another payload;
 * `joined`: it became part of a task that was there; `isLoop`: it is held, because too many events about its object
 * have started tasks; `conversationId`: that of the task, if it has one.
 */
export type Accepted = {
  kind: 'accepted'
  taskId: string
  replayed: boolean
  mismatch: boolean
  joined?: boolean
  isLoop?: boolean
  conversationId?: string
}

/** It was not written, or it is unknown whether it was. */
export type Refused = { kind: 'refused'; error: BellwireError }

/** What became of a task. */
export type Outcome = Accepted | Echo | Refused

/** Seconds after which a caller that was refused, or whose outcome is unknown, may try again. */
export const RETRY_AFTER = 2

/**
 * Makes the function that writes the tasks of a group and gives an outcome for each. Tasks that repeat the key of
 * another in their group get that one's outcome.
 *
 * @param pool each statement that is sent to it commits by itself; every other client is a transaction
 */
export function createWriteTasks(signals: Signals, pool: Queryable) {
  async function writeTasks(tasks: readonly NewTask[], client: Queryable): Promise<Outcome[]> {
    if (!tasks.some(({ dedupe, event }) => dedupe ?? event)) return writeSimple(tasks, client)
    const { leaders, leaderOf } = groupByKey(tasks)
    const written = await insertTasks(client, leaders)
    if (written.includes('written')) signals.publish(WORK_CHANNEL, '')
    const outcomes = new Map<NewTask, Outcome>()
    const taken: NewTask[] = []
    leaders.forEach((task, index) => {
      const one = written[index]
      if (one === 'written') outcomes.set(task, fresh(task))
      else if (one === 'key_taken') taken.push(task)
      else if (one === 'limited') outcomes.set(task, freshHeld(task))
      else outcomes.set(task, one === undefined || one === 'refused' ? refused(task) : one)
    })
    try {
      await followUp({ tasks, taken, leaderOf, outcomes, client })
    } catch (error) {
      if (client !== pool) throw error
      // What the first statement wrote is committed: only the others have no outcome.
      const unknown: Refused = { kind: 'refused', error: notAcknowledged(error) }
      for (const task of tasks) {
        if (!outcomes.has(leaderOf.get(task) ?? task)) outcomes.set(task, unknown)
      }
    }
    return tasks.map((task) => {
      const leader = leaderOf.get(task) ?? task
      const outcome = outcomes.get(task) ?? outcomes.get(leader)
      if (outcome === undefined) throw new Error('a group gave no outcome for one of its tasks')
      if (outcomes.has(task) || outcome.kind !== 'accepted') return outcome
      const mismatch = !task.payload.equals(leader.payload)
      return { kind: 'accepted', taskId: outcome.taskId, replayed: true, mismatch }
    })
  }

  /** What the first statement could not decide: keys that were taken, echoes. */
  async function followUp({
    tasks,
    taken,
    leaderOf,
    outcomes,
    client,
  }: {
    tasks: readonly NewTask[]
    taken: readonly NewTask[]
    leaderOf: ReadonlyMap<NewTask, NewTask>
    outcomes: Map<NewTask, Outcome>
    client: Queryable
  }): Promise<void> {
    for (const [task, original] of await readOriginals(client, taken)) outcomes.set(task, original)
    const writeAgain = async (some: readonly NewTask[]): Promise<void> => {
      if (some.length === 0) return
      const found = await writeTasks(some, client)
      some.forEach((task, index) => found[index] && outcomes.set(task, found[index]))
    }
    // Their keys expired and were deleted between the two statements: they are free by now.
    await writeAgain(taken.filter((task) => !outcomes.has(task)))
    // The other one started nothing, and may be about another object.
    await writeAgain(
      tasks.filter((task) => outcomes.get(leaderOf.get(task) ?? task)?.kind === 'echo' && leaderOf.has(task)),
    )
  }

  /** Tasks without keys and objects: nearly all groups. */
  async function writeSimple(tasks: readonly NewTask[], client: Queryable): Promise<Outcome[]> {
    const written = await insertTasks(client, tasks)
    if (written.includes('written')) signals.publish(WORK_CHANNEL, '')
    return tasks.map((task, index) => (written[index] === 'written' ? fresh(task) : refused(task)))
  }

  return writeTasks
}

function fresh({ taskId }: NewTask): Accepted {
  return { kind: 'accepted', taskId, replayed: false, mismatch: false }
}

/** Too many events about its object have started tasks. A hold of its webhook comes first. */
function freshHeld(task: NewTask): Accepted {
  return task.hold === undefined ? { ...fresh(task), isLoop: true } : fresh(task)
}

/** Its webhook or its agent is gone. */
export function refused({ tokenHash }: NewTask): Refused {
  return { kind: 'refused', error: new BellwireError(tokenHash ? 'webhook_not_found' : 'agent_not_found') }
}

/** Nobody knows whether the task was written. */
export function notAcknowledged(cause?: unknown): BellwireError {
  return new BellwireError('not_acknowledged', undefined, { retryAfter: RETRY_AFTER, cause })
}

/** Only the first task with a key is written: one statement takes a row once. */
function groupByKey(tasks: readonly NewTask[]): { leaders: NewTask[]; leaderOf: Map<NewTask, NewTask> } {
  const byKey = new Map<string, NewTask>()
  const leaderOf = new Map<NewTask, NewTask>()
  const leaders: NewTask[] = []
  for (const task of tasks) {
    const key = task.dedupe?.key
    const leader = key === undefined ? undefined : byKey.get(key)
    if (leader) leaderOf.set(task, leader)
    else {
      leaders.push(task)
      if (key !== undefined) byKey.set(key, task)
    }
  }
  return { leaders, leaderOf }
}

/** Finds the tasks of keys that were taken before; a task whose key has been deleted since is left out. */
export async function readOriginals(
  client: Queryable,
  tasks: readonly NewTask[],
): Promise<Map<NewTask, Accepted>> {
  if (tasks.length === 0) return new Map()
  const { rows } = await client.query<{ key: string; task_id: string; payload_hash: string | null }>({
    name: 'keys_read',
    text: 'select key, task_id, payload_hash from bellwire.dedupe_keys where key = any($1::uuid[])',
    values: [tasks.map(({ dedupe }) => dedupe?.key)],
  })
  const byKey = new Map(rows.map((row) => [row.key, row]))
  return new Map(
    tasks.flatMap((task): [NewTask, Accepted][] => {
      const original = task.dedupe && byKey.get(task.dedupe.key)
      if (!original) return []
      const { task_id: taskId, payload_hash: hash } = original
      const mismatch = hash !== null && BigInt(hash) !== payloadHash(task)
      return [[task, { kind: 'accepted', taskId, replayed: true, mismatch }]]
    }),
  )
}
