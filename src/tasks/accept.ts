import type { Database } from '../db/database.ts'
import { createBatches, type Batches } from '../db/batches.ts'
import { errorKind, isUncertain, unavailableDetail } from '../db/errorKind.ts'
import { newId } from '../db/id.ts'
import { createSharedTimeout, type SharedTimeout } from '../db/sharedTimeout.ts'
import type { Signals } from '../db/signals.ts'
import { hashToken } from '../db/token.ts'
import { BellwireError } from '../errors.ts'
import type { FairRanks } from '../queue/fairRank.ts'
import { WORK_CHANNEL } from './follow/channels.ts'
import { insertTasks, type NewTask } from './insertTasks.ts'
import type { Trigger } from './trigger.ts'

/** How long a caller waits for the acknowledgement before it is told to retry. */
const ACKNOWLEDGE_WITHIN_MS = 2_000

/** Larger payloads are written separately from the others, which must not wait for them. */
const LARGE_BYTES = 256 * 1024

/** The same for a large payload: the server writes about ten megabytes per second. */
const ACKNOWLEDGE_LARGE_WITHIN_MS = 10_000

const UNSTORABLE = 'The request contains a value that cannot be stored.'

/** `replayed`: the key was used before, and this is the task that it created then. */
export type Accepted = { taskId: string; replayed: boolean }

export type Acceptor = {
  /**
   * Writes a task, its key and its place in the queue in one transaction, shared with other tasks that arrive at the
   * same time; when this resolves they are on disk.
   *
   * @throws BellwireError `webhook_not_found`, `agent_not_found`, `database_unavailable` when nothing was
   *   accepted, `not_acknowledged` when that is not known
   */
  accept(trigger: Trigger): Promise<Accepted>
  /** Resolves when everything accepted so far is written, or refused. */
  idle(): Promise<void>
}

type Outcome = Accepted | BellwireError

/** Requests of one kind waiting for the database. */
type Lane = { groups: Batches<NewTask, Outcome>; acknowledgement: SharedTimeout }

/** Bytes that a task takes in a batch beside its payload, request and headers included. */
const ROW_BYTES = 500

export function createAcceptor({
  db,
  ranks,
  signals,
  groupSize = 256,
  inFlight = 2,
}: {
  db: Database
  ranks: FairRanks
  signals: Signals
  groupSize?: number
  inFlight?: number
}): Acceptor {
  const createLane = (waitMs: number, lane: { maxItems: number; inFlight: number }): Lane => ({
    acknowledgement: createSharedTimeout(waitMs),
    groups: createBatches({
      handle: writeGroup,
      sizeOf: (task) => task.payload.length + task.request.length + ROW_BYTES,
      ...lane,
    }),
  })
  const lanes = {
    small: createLane(ACKNOWLEDGE_WITHIN_MS, { maxItems: groupSize, inFlight }),
    large: createLane(ACKNOWLEDGE_LARGE_WITHIN_MS, { maxItems: groupSize, inFlight: 1 }),
  }

  /** Entries that repeat a key within their group get the outcome of its first entry. */
  async function writeGroup(entries: NewTask[]): Promise<Outcome[]> {
    if (!entries.some((entry) => entry.keyHash)) return writeWithoutKeys(entries)
    const { leaders, leaderOf } = groupByKey(entries)
    const outcomes = new Map<NewTask, Outcome>()
    const written = await insertTasks(db.pool, leaders)
    const lost = leaders.filter((_, index) => written[index] === 'key_taken')
    const originals = await readOriginals(db, lost)
    // Expired and deleted between the two statements: available by now.
    const freed = lost.filter((entry) => !originals.has(entry))
    const again = freed.length > 0 ? await writeGroup(freed) : []
    freed.forEach((entry, index) => again[index] && outcomes.set(entry, again[index]))
    leaders.forEach((entry, index) => {
      if (outcomes.has(entry)) return
      const original = originals.get(entry)
      if (original !== undefined) outcomes.set(entry, { taskId: original, replayed: true })
      else if (written[index] === 'written') outcomes.set(entry, { taskId: entry.taskId, replayed: false })
      else outcomes.set(entry, refused(entry))
    })
    if (written.includes('written')) signals.publish(WORK_CHANNEL, '')
    return entries.map((entry) => {
      const leader = leaderOf.get(entry) ?? entry
      const outcome = outcomes.get(leader)
      if (outcome === undefined) throw new Error('a group gave no outcome for one of its entries')
      return leader === entry || outcome instanceof BellwireError ? outcome : { ...outcome, replayed: true }
    })
  }

  /** The same as {@link writeGroup}, for groups without keys: nearly all of them. */
  async function writeWithoutKeys(entries: NewTask[]): Promise<Outcome[]> {
    const written = await insertTasks(db.pool, entries)
    if (written.includes('written')) signals.publish(WORK_CHANNEL, '')
    return entries.map((entry, index) =>
      written[index] === 'written' ? { taskId: entry.taskId, replayed: false } : refused(entry),
    )
  }

  return {
    idle: async () => void (await Promise.all([lanes.small.groups.idle(), lanes.large.groups.idle()])),

    accept(trigger) {
      const entry: NewTask = {
        ...trigger,
        taskId: trigger.taskId ?? newId(),
        place: ranks.next(trigger.agentId),
        keyHash: trigger.idempotency && hashToken(trigger.idempotency.key),
      }
      const { acknowledgement, groups } = trigger.payload.length > LARGE_BYTES ? lanes.large : lanes.small
      return new Promise((resolve, reject) => {
        const end = acknowledgement.start(() => {
          const late = groups.withdraw(entry)
            ? refusal(NO_TURN)
            : new BellwireError('not_acknowledged', undefined, { retryAfter: RETRY_AFTER })
          reject(late)
        })
        groups.put(
          entry,
          (outcome) => {
            end()
            if (outcome instanceof BellwireError) reject(outcome)
            else resolve(outcome)
          },
          (error: unknown) => {
            end()
            reject(refusalOf(error))
          },
        )
      })
    },
  }
}

/** Its webhook or its agent no longer exists. */
function refused(entry: NewTask): BellwireError {
  return new BellwireError(entry.tokenHash ? 'webhook_not_found' : 'agent_not_found')
}

/** Only the first entry with a key is written: one statement can take a row only once. */
function groupByKey(entries: NewTask[]): { leaders: NewTask[]; leaderOf: Map<NewTask, NewTask> } {
  const byName = new Map<string, NewTask>()
  const leaderOf = new Map<NewTask, NewTask>()
  const leaders: NewTask[] = []
  for (const entry of entries) {
    const name = entry.keyHash && keyName(entry.agentId, entry.keyHash)
    const leader = name === undefined ? undefined : byName.get(name)
    if (leader) leaderOf.set(entry, leader)
    else {
      leaders.push(entry)
      if (name !== undefined) byName.set(name, entry)
    }
  }
  return { leaders, leaderOf }
}

/** Finds the tasks of keys that were used before; an entry whose key has been deleted since is left out. */
async function readOriginals(db: Database, entries: NewTask[]): Promise<Map<NewTask, string>> {
  if (entries.length === 0) return new Map()
  const { rows } = await db.pool.query<{ agent_id: string; hash: Buffer; task_id: string }>({
    name: 'keys_read',
    text: `select k.agent_id, k.hash, k.task_id from bellwire.idempotency_keys k
      join unnest($1::uuid[], $2::bytea[]) as i(agent_id, hash) using (agent_id, hash)`,
    values: [entries.map((entry) => entry.agentId), entries.map((entry) => entry.keyHash)],
  })
  const byName = new Map(rows.map((row) => [keyName(row.agent_id, row.hash), row.task_id]))
  return new Map(
    entries.flatMap((entry): [NewTask, string][] => {
      const original = entry.keyHash && byName.get(keyName(entry.agentId, entry.keyHash))
      return original === undefined ? [] : [[entry, original]]
    }),
  )
}

function keyName(agentId: string, keyHash: Buffer): string {
  return agentId + keyHash.toString('hex')
}

/** Seconds after which a refused caller should retry. */
const RETRY_AFTER = 2

const NO_TURN = Object.assign(new Error('the database is busy with earlier requests'), { code: '57P03' })

/** The error for a caller whose batch failed. */
function refusalOf(error: unknown): unknown {
  const kind = errorKind(error)
  if (kind === 'data') return new BellwireError('body_invalid', UNSTORABLE, { cause: error })
  return kind === 'unavailable' || kind === 'conflict' ? refusal(error) : error
}

function refusal(cause: unknown): BellwireError {
  return isUncertain(cause)
    ? new BellwireError('not_acknowledged', undefined, { retryAfter: RETRY_AFTER, cause })
    : new BellwireError('database_unavailable', unavailableDetail(cause), { retryAfter: RETRY_AFTER, cause })
}
