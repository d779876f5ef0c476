import { hash } from 'node:crypto'
import type pg from 'pg'
import type { ReceivedCall } from '../../contract/callbackUrl.ts'
import type { TaskState } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'
import type { Signals } from '../../db/signals.ts'
import { endWait } from '../approvals/resume.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from '../follow/channels.ts'

/** A call of a callback URL. */
export type IncomingCall = Omit<ReceivedCall, 'calledAt' | 'body'> & {
  /** JSON text; undefined for none. */
  body: Buffer | undefined
}

/**
 * What became of a call. `repeated`: the same call came before, and counts; `used`: another one counts; `ended`: the
 * task has ended or was deleted.
 */
export type CallOutcome =
  { kind: 'received' | 'repeated'; calledAt: Date } | { kind: 'used'; calledAt: Date } | { kind: 'ended' }

/** Times that a URL is looked for again after it went over to a task that continues the run. */
const MAX_MOVES = 10

/**
 * Takes the call of a callback URL: it is on disk when this resolves to `received`. The first one counts. If the run
 * waits for it, and for nothing else, the task is queued again, in the same transaction.
 */
export async function receiveCallback(
  { db, signals }: { db: Database; signals: Signals },
  id: string,
  call: IncomingCall,
): Promise<CallOutcome> {
  for (let moves = 0; ; moves += 1) {
    const taskId = await findTask(db, id)
    if (taskId === undefined) return { kind: 'ended' }
    const outcome = await retryOnConflict(() => db.transaction((tx) => receive(tx, { id, taskId, call })))
    if (outcome.kind === 'moved') {
      if (moves < MAX_MOVES) continue
      throw new Error(`callback URL ${id} does not come to rest`)
    }
    if (outcome.kind === 'received') {
      signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: taskId, type: 'changed' }))
      if (outcome.resumed) signals.publish(WORK_CHANNEL, '')
    }
    return outcome
  }
}

/** What a callback URL is good for. */
export async function readCallbackState(
  db: Database,
  id: string,
): Promise<{ kind: 'open' } | { kind: 'used'; calledAt: Date } | { kind: 'ended' }> {
  const { rows } = await db.pool.query<{ called_at: Date | null; finished: boolean }>({
    name: 'callback_url_state',
    text: `select c.called_at, t.finished_at is not null as finished
      from bellwire.callback_urls c join bellwire.tasks t on t.id = c.task_id where c.id = $1`,
    values: [id],
  })
  const [url] = rows
  if (url?.called_at) return { kind: 'used', calledAt: url.called_at }
  return { kind: !url || url.finished ? 'ended' : 'open' }
}

async function findTask(db: Database, id: string): Promise<string | undefined> {
  const { rows } = await db.pool.query<{ task_id: string }>({
    name: 'callback_url_task',
    text: 'select task_id from bellwire.callback_urls where id = $1',
    values: [id],
  })
  return rows[0]?.task_id
}

type Received = CallOutcome | { kind: 'moved' } | { kind: 'received'; calledAt: Date; resumed: boolean }

/** Everything that starts, ends or moves a wait locks the task first. */
async function receive(
  tx: pg.PoolClient,
  { id, taskId, call }: { id: string; taskId: string; call: IncomingCall },
): Promise<Extract<Received, object> & { resumed?: boolean }> {
  const task = await tx.query<{ state: TaskState }>(
    'select state from bellwire.tasks where id = $1 for update',
    [taskId],
  )
  const { rows } = await tx.query<{ task_id: string; called_at: Date | null; fingerprint: Buffer | null }>(
    'select task_id, called_at, fingerprint from bellwire.callback_urls where id = $1 for update',
    [id],
  )
  const [url] = rows
  if (!url) return { kind: 'ended' }
  if (url.task_id !== taskId) return { kind: 'moved' }
  const fingerprint = fingerprintOf(call)
  if (url.called_at) {
    return { kind: url.fingerprint?.equals(fingerprint) ? 'repeated' : 'used', calledAt: url.called_at }
  }
  const state = task.rows[0]?.state
  if (state === undefined || state === 'SUCCESS' || state === 'FAILURE' || state === 'CANCELLED') {
    return { kind: 'ended' }
  }
  const { called_at: calledAt } = onlyRow(
    await tx.query<{ called_at: Date }>(
      `update bellwire.callback_urls
        set called_at = clock_timestamp(), content_type = $2, query = $3::json, body = $4, fingerprint = $5
        where id = $1 returning called_at`,
      [id, call.contentType, JSON.stringify(call.query), call.body ?? null, fingerprint],
    ),
  )
  const resumed = state === 'WAITING' && (await endWaits(tx, taskId, id))
  return { kind: 'received', calledAt, resumed }
}

/** Ends the waits for a URL that was called. @returns whether the task is queued again */
async function endWaits(tx: pg.PoolClient, taskId: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `with waiting as (
        select a.id, t.last_event + row_number() over (order by a.id) as event
        from bellwire.approvals a join bellwire.tasks t on t.id = a.task_id
        where a.task_id = $1 and a.callback_id = $2 and a.state = 'waiting'
      )
      update bellwire.approvals a set state = 'approved', decided_at = now(), event = w.event
      from waiting w where a.id = w.id`,
    [taskId, id],
  )
  return rowCount ? endWait(tx, { taskId, events: rowCount, reason: 'callback_received' }) : false
}

/** The same for calls that say the same. */
function fingerprintOf({ contentType, query, body }: IncomingCall): Buffer {
  const head = JSON.stringify([contentType, query, body?.length ?? null])
  return hash('sha256', Buffer.concat([Buffer.from(`${head}\n`), body ?? Buffer.alloc(0)]), 'buffer')
}
