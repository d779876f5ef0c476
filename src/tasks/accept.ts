import { hash } from 'node:crypto'
import type pg from 'pg'
import type { Database } from '../db/database.ts'
import { createBatches } from '../db/batches.ts'
import { errorKind, isUncertain, unavailableDetail } from '../db/errorKind.ts'
import type { Signals } from '../db/signals.ts'
import { BellwireError } from '../errors.ts'
import type { FairRanks } from '../queue/fairRank.ts'
import type { RunQueue } from '../queue/queue.ts'
import { WORK_CHANNEL } from './follow/channels.ts'
import { newId } from '../db/id.ts'

/** How long a caller waits for the acknowledgement before it is told to come again. */
const ACKNOWLEDGE_WITHIN_MS = 2_000

const UNSTORABLE = 'The request holds a value that cannot be stored.'

/** A request that has passed every check and asks to become a task. */
export type Trigger = {
  agentId: string
  /** The webhook that it came through, by the hash of its token: checked again by the transaction that accepts it. */
  tokenHash: Buffer | undefined
  /** Which door: webhook, answer, stream. */
  origin: string
  /** JSON text in UTF-8, as it was received. */
  payload: Buffer
  /** JSON text of an `InboundRequest`. */
  request: string
  interactive: boolean
  streamed: boolean
  /** It came with an API key or a valid signature. A secret URL alone verifies nobody. */
  senderVerified?: boolean
  /** The W3C trace context of the request, for the spans of the run. */
  traceParent?: string | undefined
  /** The key that makes the same request the same task, and how long it is remembered. */
  idempotency?: { key: string; ttlSeconds: number } | undefined
  /** The id that the task will have, when the caller has to know it before; otherwise one is made. */
  taskId?: string
}

/** `replayed`: the key was seen before, and this is the task that it made then. */
export type Accepted = { taskId: string; replayed: boolean }

export type Acceptor = {
  /**
   * Writes a task, its key and its job in one transaction, shared with whatever else arrives meanwhile; when
   * this resolves they are on disk.
   *
   * @throws BellwireError `webhook_not_found`, `agent_not_found`, `database_unavailable` when nothing was
   *   accepted, `not_acknowledged` when that is not known
   */
  accept(trigger: Trigger): Promise<Accepted>
  /** Resolves when everything that was handed in is written, or refused. */
  idle(): Promise<void>
}

type Entry = Trigger & { taskId: string; jobId: string; rank: number; keyHash: Buffer | undefined }
type Outcome = Accepted | BellwireError

export function createAcceptor({
  db,
  queue,
  ranks,
  signals,
  groupSize = 256,
  inFlight = 2,
}: {
  db: Database
  queue: RunQueue
  ranks: FairRanks
  signals: Signals
  groupSize?: number
  inFlight?: number
}): Acceptor {
  const groups = createBatches<Entry, Outcome>({
    handle: (entries) => write(entries),
    maxItems: groupSize,
    inFlight,
  })

  async function write(entries: Entry[], tries = 5): Promise<Outcome[]> {
    try {
      const outcomes = await writeGroup(db, queue, entries)
      if (outcomes.some((outcome) => 'taskId' in outcome && !outcome.replayed))
        signals.publish(WORK_CHANNEL, '')
      return outcomes
    } catch (error) {
      const kind = errorKind(error)
      if (kind === 'conflict' && tries > 1) return write(entries, tries - 1)
      // One entry's data must not hurt the others of its group: each gets a transaction of its own.
      if (kind === 'data') {
        if (entries.length === 1) return [new BellwireError('body_invalid', UNSTORABLE, { cause: error })]
        const outcomes: Outcome[] = []
        for (const entry of entries) outcomes.push(...(await write([entry])))
        return outcomes
      }
      if (kind === 'unavailable') return entries.map(() => refusal(error))
      throw error
    }
  }

  return {
    idle: groups.idle,

    async accept(trigger) {
      const entry: Entry = {
        ...trigger,
        taskId: trigger.taskId ?? newId(),
        jobId: newId(),
        rank: ranks.next(trigger.agentId),
        keyHash: trigger.idempotency && sha256(trigger.idempotency.key),
      }
      const outcome = await within(ACKNOWLEDGE_WITHIN_MS, groups.add(entry), () =>
        groups.withdraw(entry) ? refusal(NO_TURN) : new BellwireError('not_acknowledged', undefined, RETRY),
      )
      if ('taskId' in outcome) return outcome
      throw outcome
    },
  }
}

async function writeGroup(db: Database, queue: RunQueue, entries: Entry[]): Promise<Outcome[]> {
  // Without keys a group is one statement, and so a transaction by itself.
  if (!entries.some((entry) => entry.keyHash)) {
    const written = await insertTasks(db.pool, queue, entries)
    return entries.map((entry) => outcomeOf(entry, written))
  }
  return db.transaction(async (tx) => {
    const taken = await takeKeys(tx, entries)
    const fresh = entries.filter((entry) => !taken.has(entry))
    const written = await insertTasks(tx, queue, fresh)
    const refused = fresh.filter((entry) => !written.has(entry.taskId))
    await releaseKeys(tx, refused)
    const gone = new Set(refused.map((entry) => entry.taskId))

    return entries.map((entry) => {
      const original = taken.get(entry)
      return original === undefined || gone.has(original)
        ? outcomeOf(entry, written)
        : { taskId: original, replayed: true }
    })
  })
}

function outcomeOf(entry: Entry, written: Set<string>): Outcome {
  if (written.has(entry.taskId)) return { taskId: entry.taskId, replayed: false }
  return new BellwireError(entry.tokenHash ? 'webhook_not_found' : 'agent_not_found')
}

/**
 * Takes the idempotency keys of a group. Gives, for each entry whose key was taken before it (in the database,
 * or earlier in the group), the task that the key stands for.
 */
async function takeKeys(tx: pg.PoolClient, entries: Entry[]): Promise<Map<Entry, string>> {
  const taken = new Map<Entry, string>()
  const leaders = new Map<string, Entry>()
  const followers: [Entry, Entry][] = []
  for (const entry of entries) {
    if (!entry.keyHash) continue
    const name = keyName(entry.agentId, entry.keyHash)
    const leader = leaders.get(name)
    if (leader) followers.push([entry, leader])
    else leaders.set(name, entry)
  }
  if (leaders.size === 0) return taken

  // In one order for everybody, or two groups with the same keys would wait for each other.
  const sorted = [...leaders].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  const winners = await tx.query<{ task_id: string }>({
    name: 'keys_take',
    text: `insert into bellwire.idempotency_keys as k (agent_id, hash, task_id, expires_at)
      select agent_id, hash, task_id, now() + make_interval(secs => ttl)
      from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::float8[]) as i(agent_id, hash, task_id, ttl)
      on conflict (agent_id, hash) do update set task_id = excluded.task_id, expires_at = excluded.expires_at
        where k.expires_at <= now()
      returning task_id`,
    values: [
      sorted.map((entry) => entry.agentId),
      sorted.map((entry) => entry.keyHash),
      sorted.map((entry) => entry.taskId),
      sorted.map((entry) => entry.idempotency?.ttlSeconds),
    ],
  })
  const won = new Set(winners.rows.map((row) => row.task_id))
  const lost = sorted.filter((entry) => !won.has(entry.taskId))
  if (lost.length > 0) {
    const originals = await tx.query<{ agent_id: string; hash: Buffer; task_id: string }>({
      name: 'keys_read',
      text: `select k.agent_id, k.hash, k.task_id from bellwire.idempotency_keys k
        join unnest($1::uuid[], $2::bytea[]) as i(agent_id, hash) using (agent_id, hash)`,
      values: [lost.map((entry) => entry.agentId), lost.map((entry) => entry.keyHash)],
    })
    const byName = new Map(originals.rows.map((row) => [keyName(row.agent_id, row.hash), row.task_id]))
    for (const entry of lost) {
      const original = entry.keyHash && byName.get(keyName(entry.agentId, entry.keyHash))
      // Expired and swept away between the two statements: the whole group starts again.
      if (original === undefined) throw new KeyGone()
      taken.set(entry, original)
    }
  }
  for (const [entry, leader] of followers) taken.set(entry, taken.get(leader) ?? leader.taskId)
  return taken
}

/**
 * Inserts the entries whose agent and webhook still stand, and their jobs, in one statement; gives the ids of
 * those. The others leave a job behind that wakes nobody: the claim drops it.
 */
async function insertTasks(
  client: Pick<pg.ClientBase, 'query'>,
  queue: RunQueue,
  entries: Entry[],
): Promise<Set<string>> {
  if (entries.length === 0) return new Set()
  const jobs = await queue.insertStatement(entries.map((entry) => ({ ...entry, id: entry.jobId })))
  const { rows } = await client.query<{ id: string }>({
    name: 'tasks_insert',
    text: `with accepted as (
      insert into bellwire.tasks
        (id, agent_id, revision, webhook_id, origin, interactive, streamed, payload, request, job_id, rank, sender_verified,
        trace_parent)
      select i.id, a.id, a.revision, w.id, i.origin, i.interactive, i.streamed, i.payload, i.request::json, i.job_id, i.rank,
        i.sender_verified, i.trace_parent
      from unnest($2::uuid[], $3::uuid[], $4::bytea[], $5::text[], $6::bool[], $7::bool[], $8::bytea[], $9::text[], $10::uuid[], $11::int[], $12::bool[], $13::text[])
        as i(id, agent_id, token, origin, interactive, streamed, payload, request, job_id, rank, sender_verified,
          trace_parent)
      join bellwire.agents a on a.id = i.agent_id and a.deleted_at is null
      left join bellwire.webhook_tokens t on t.hash = i.token and (t.expires_at is null or t.expires_at > now())
      left join bellwire.webhooks w on w.id = t.webhook_id and w.enabled and w.agent_id = i.agent_id
      where i.token is null or w.id is not null
      returning id
      ), queued as (
        ${jobs.text}
      )
      select id from accepted`,
    values: [
      jobs.parameter,
      entries.map((entry) => entry.taskId),
      entries.map((entry) => entry.agentId),
      entries.map((entry) => entry.tokenHash),
      entries.map((entry) => entry.origin),
      entries.map((entry) => entry.interactive),
      entries.map((entry) => entry.streamed),
      entries.map((entry) => entry.payload),
      entries.map((entry) => entry.request),
      entries.map((entry) => entry.jobId),
      entries.map((entry) => entry.rank),
      entries.map((entry) => entry.senderVerified ?? false),
      entries.map((entry) => entry.traceParent ?? null),
    ],
  })
  return new Set(rows.map((row) => row.id))
}

/** Gives back the keys of entries that did not become tasks. */
async function releaseKeys(tx: pg.PoolClient, entries: Entry[]): Promise<void> {
  const keyed = entries.filter((entry) => entry.keyHash)
  if (keyed.length === 0) return
  await tx.query(
    `delete from bellwire.idempotency_keys k using unnest($1::uuid[], $2::bytea[], $3::uuid[]) as i(agent_id, hash, task_id)
      where k.agent_id = i.agent_id and k.hash = i.hash and k.task_id = i.task_id`,
    [
      keyed.map((entry) => entry.agentId),
      keyed.map((entry) => entry.keyHash),
      keyed.map((entry) => entry.taskId),
    ],
  )
}

class KeyGone extends Error {
  readonly code = '40001'
}

function keyName(agentId: string, hash: Buffer): string {
  return agentId + hash.toString('hex')
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

const RETRY = { retryAfter: 2 }
const NO_TURN = Object.assign(new Error('the database is busy with earlier requests'), { code: '57P03' })

function refusal(cause: unknown): BellwireError {
  return isUncertain(cause)
    ? new BellwireError('not_acknowledged', undefined, { ...RETRY, cause })
    : new BellwireError('database_unavailable', unavailableDetail(cause), { ...RETRY, cause })
}

/** Rejects after `ms` with what `onLate` gives, whatever the promise does later. */
async function within<T>(ms: number, promise: Promise<T>, onLate: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(onLate()), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
