import type { Database, Queryable } from '../db/database.ts'
import { createBatches, type Batches } from '../db/batches.ts'
import { errorKind, isUncertain, unavailableDetail } from '../db/errorKind.ts'
import { newId } from '../db/id.ts'
import { createSharedTimeout, type SharedTimeout } from '../db/sharedTimeout.ts'
import type { Signals } from '../db/signals.ts'
import { BellwireError } from '../errors.ts'
import type { FairRanks } from '../queue/fairRank.ts'
import { acceptGroups } from './conversations/acceptGroups.ts'
import { WORK_CHANNEL } from './follow/channels.ts'
import { createPendingLimit } from './pendingLimit.ts'
import type { Echo, NewTask } from './insertTasks.ts'
import type { ObjectEvent } from './objectGuard.ts'
import type { Trigger } from './trigger.ts'
import {
  createWriteTasks,
  notAcknowledged,
  readOriginals,
  refused,
  RETRY_AFTER,
  type Accepted,
  type Outcome,
  type Refused,
} from './writeTasks.ts'

/** How long a caller waits for the acknowledgement before it is told to retry. */
const ACKNOWLEDGE_WITHIN_MS = 2_000

/** Larger payloads are written separately from the others, which must not wait for them. */
const LARGE_BYTES = 256 * 1024

/** The same for a large payload: the server writes about ten megabytes per second. */
const ACKNOWLEDGE_LARGE_WITHIN_MS = 10_000

const UNSTORABLE = 'The request contains a value that cannot be stored.'

export type Acceptor = {
  /**
   * Writes a task, its key and its place in the queue in one transaction, shared with other tasks that arrive at the
   * same time; when this resolves they are on disk.
   *
   * @throws BellwireError `webhook_not_found`, `agent_not_found`, `pending_limited`,
   *   `database_unavailable` when nothing was accepted, `not_acknowledged` when that is not known
   */
  accept(trigger: Trigger): Promise<Accepted>
  /**
   * The same for what an event about an object triggers: the transaction also finds out whether the agent has made the
   * object, and holds the task when too many events about it have started tasks.
   */
  acceptEvent(trigger: Trigger, event: ObjectEvent): Promise<Accepted | Echo>
  /** The same for triggers of one request: all of them are written, or none. */
  acceptAll(triggers: [Trigger, ...Trigger[]]): Promise<[Accepted, ...Accepted[]]>
  /** Resolves when everything that was handed in is written, or refused. */
  idle(): Promise<void>
}

/** A task with those of the same request, if there are more. */
type Entry = NewTask & { others?: NewTask[] }

/** What became of the tasks of an entry. */
type EntryOutcome = Outcome | [Outcome, ...Outcome[]]

/** Requests of one kind on their way to the database. */
type Lane = { groups: Batches<Entry, EntryOutcome>; acknowledgement: SharedTimeout }

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
  const pendingLimit = createPendingLimit()
  const writeTasks = createWriteTasks(signals, db.pool)
  const createLane = (
    waitMs: number,
    lane: { maxItems: number; inFlight: number },
    handle: (entries: Entry[]) => Promise<EntryOutcome[]> = (entries) => writeGroup(entries),
  ): Lane => ({
    acknowledgement: createSharedTimeout(waitMs),
    groups: createBatches({
      handle,
      sizeOf: (entry) =>
        entry.others ? [entry, ...entry.others].reduce((sum, task) => sum + sizeOf(task), 0) : sizeOf(entry),
      ...lane,
    }),
  })
  const lanes = {
    small: createLane(ACKNOWLEDGE_WITHIN_MS, { maxItems: groupSize, inFlight }),
    large: createLane(ACKNOWLEDGE_LARGE_WITHIN_MS, { maxItems: groupSize, inFlight: 1 }),
    // For events about objects, whose rows are locked.
    events: createLane(ACKNOWLEDGE_WITHIN_MS, { maxItems: groupSize, inFlight }),
    // For agents with a limit on waiting tasks: others do not wait for the locks that this takes.
    limited: createLane(ACKNOWLEDGE_WITHIN_MS, { maxItems: groupSize, inFlight: 1 }, writeLimited),
    // For conversations and bursts, whose rows are locked.
    grouped: createLane(ACKNOWLEDGE_WITHIN_MS, { maxItems: groupSize, inFlight }, writeGrouped),
    groupedLarge: createLane(ACKNOWLEDGE_LARGE_WITHIN_MS, { maxItems: groupSize, inFlight: 1 }, writeGrouped),
  }

  /** Nearly all groups have one task for each request. */
  async function writeGroup(entries: Entry[], client: Queryable = db.pool): Promise<EntryOutcome[]> {
    if (!entries.some(({ others }) => others)) return writeTasks(entries, client)
    const outcomes = await writeTasks(entries.flatMap(tasksOf), client)
    let at = 0
    return entries.map(({ others }) => {
      const [first, ...more] = outcomes.slice(at, (at += 1 + (others?.length ?? 0)))
      if (first === undefined) throw new Error('a group gave no outcome for one of its entries')
      return others ? [first, ...more] : first
    })
  }

  /** What {@link writeGroup} does, as far as agents have room for waiting tasks. */
  async function writeLimited(entries: Entry[]): Promise<EntryOutcome[]> {
    const outcomes = await db.transaction(async (tx) => {
      const admitted = await pendingLimit.admit(tx, entries.map(tasksOf))
      const within = entries.filter((_, index) => admitted[index])
      const written = within.length > 0 ? await writeGroup(within, tx) : []
      const outcomeOf = new Map(within.map((entry, index) => [entry, written[index]]))
      const beyond = entries.filter((_, index) => !admitted[index])
      // A request that was accepted before takes no room.
      const originals = await readOriginals(
        tx,
        beyond.flatMap(tasksOf).filter(({ dedupe }) => dedupe),
      )
      return entries.map((entry): EntryOutcome => {
        const outcome = outcomeOf.get(entry)
        if (outcome !== undefined) return outcome
        const find = (task: NewTask): Outcome => originals.get(task) ?? beyondLimit(task)
        return entry.others ? [find(entry), ...entry.others.map(find)] : find(entry)
      })
    })
    // Again: before the commit, no worker could find them.
    signals.publish(WORK_CHANNEL, '')
    return outcomes
  }

  async function writeGrouped(entries: Entry[]): Promise<EntryOutcome[]> {
    const outcomes = await acceptGroups(
      { db, signals, pendingLimit, refusals: { gone: refused, full: beyondLimit } },
      entries.map(tasksOf),
    )
    return outcomes.map(([first, ...more], index) => {
      if (first === undefined) throw new Error('a group gave no outcome for one of its entries')
      return entries[index]?.others ? [first, ...more] : first
    })
  }

  function toTask(trigger: Trigger): NewTask {
    return { ...trigger, taskId: trigger.taskId ?? newId(), place: ranks.next(trigger.agentId) }
  }

  /** Hands an entry to its lane and waits for the acknowledgement, for a while. */
  function write(entry: Entry): Promise<EntryOutcome> {
    const size = entry.others
      ? entry.others.reduce((sum, { payload }) => sum + payload.length, entry.payload.length)
      : entry.payload.length
    const isGrouped = isInGroup(entry) || (entry.others?.some(isInGroup) ?? false)
    if (entry.maxPending !== undefined && !isGrouped && isHopeless(entry)) {
      return Promise.reject(tooManyPending(entry))
    }
    const { acknowledgement, groups } = lanes[laneOf(entry, isGrouped, size > LARGE_BYTES)]
    return new Promise((resolve, reject) => {
      const end = acknowledgement.start(() => {
        const late = groups.withdraw(entry) ? refusal(NO_TURN) : notAcknowledged()
        reject(late)
      })
      groups.put(
        entry,
        (outcome) => {
          end()
          if (!Array.isArray(outcome) && outcome.kind === 'refused') reject(outcome.error)
          else resolve(outcome)
        },
        (error: unknown) => {
          end()
          reject(refusalOf(error))
        },
      )
    })
  }

  /** No room, and no key by which it might be an earlier request. */
  function isHopeless({ agentId, maxPending = Infinity, dedupe }: NewTask): boolean {
    return dedupe === undefined && pendingLimit.isFull(agentId, maxPending)
  }

  return {
    idle: async () => void (await Promise.all(Object.values(lanes).map(async ({ groups }) => groups.idle()))),

    accept: (trigger) => write(toTask(trigger)) as Promise<Accepted>,

    acceptEvent: (trigger, event) => write({ ...toTask(trigger), event }) as Promise<Accepted | Echo>,

    async acceptAll([first, ...more]) {
      const outcome = await write({ ...toTask(first), others: more.map(toTask) })
      const outcomes = Array.isArray(outcome) ? outcome : [outcome]
      // They share webhook and agent: all of them are refused, or none.
      for (const one of outcomes) if (one.kind === 'refused') throw one.error
      return outcomes as [Accepted, ...Accepted[]]
    },
  }
}

function isInGroup({ conversation, burst }: NewTask): boolean {
  return conversation !== undefined || burst !== undefined
}

function laneOf({ maxPending, event }: NewTask, isGrouped: boolean, isLarge: boolean) {
  if (isGrouped) return isLarge ? 'groupedLarge' : 'grouped'
  if (maxPending !== undefined) return 'limited'
  if (isLarge) return 'large'
  return event ? 'events' : 'small'
}

function tasksOf(entry: Entry): NewTask[] {
  return [entry, ...(entry.others ?? [])]
}

function sizeOf({ payload, request, body }: NewTask): number {
  return payload.length + request.length + (body?.length ?? 0) + ROW_BYTES
}

function tooManyPending({ maxPending }: NewTask): BellwireError {
  return new BellwireError(
    'pending_limited',
    `This agent has ${maxPending} waiting tasks, the most that limits.max_pending_tasks allows.`,
    { retryAfter: PENDING_RETRY_AFTER },
  )
}

function beyondLimit(task: NewTask): Refused {
  return { kind: 'refused', error: tooManyPending(task) }
}

/** The same where tasks have to begin first. */
const PENDING_RETRY_AFTER = 5

const NO_TURN = Object.assign(new Error('the database is busy with earlier requests'), { code: '57P03' })

/** The error for a caller whose batch failed. */
function refusalOf(error: unknown): unknown {
  const kind = errorKind(error)
  if (kind === 'data') return new BellwireError('body_invalid', UNSTORABLE, { cause: error })
  return kind === 'unavailable' || kind === 'conflict' ? refusal(error) : error
}

function refusal(cause: unknown): BellwireError {
  return isUncertain(cause)
    ? notAcknowledged(cause)
    : new BellwireError('database_unavailable', unavailableDetail(cause), { retryAfter: RETRY_AFTER, cause })
}
