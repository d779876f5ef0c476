import type pg from 'pg'
import type { ApprovalRequest } from '../../contract/decision.ts'
import type { Database } from '../../db/database.ts'
import { newId } from '../../db/id.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'
import type { Signals } from '../../db/signals.ts'
import { resumeFrom } from '../../queue/queue.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from '../follow/channels.ts'
import type { Lease } from '../claim.ts'

/** What a run waits for before it can continue, and how long it may wait unless a request says otherwise. */
export type Pause = {
  requests: ApprovalRequest[]
  timeoutSeconds: number | 'never'
}

/**
 * Sets a task to WAITING: what it waits for, the state, and the row in the queue that ends the wait are one
 * transaction. From then on no worker holds the task. Callback URLs that were called meanwhile are not waited for: if
 * there is nothing else, the task is queued again at once.
 *
 * @returns false when the worker no longer holds it
 */
export async function pauseTask(
  { db, signals }: { db: Database; signals: Signals },
  lease: Lease,
  pause: Pause,
): Promise<boolean> {
  const outcome = await retryOnConflict(() => db.transaction((tx) => pauseIn(tx, lease, pause)))
  if (outcome === 'lost') return false
  signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: lease.taskId, type: 'changed' }))
  if (outcome === 'queued') signals.publish(WORK_CHANNEL, '')
  return true
}

async function pauseIn(
  tx: pg.PoolClient,
  lease: Lease,
  { requests, timeoutSeconds }: Pause,
): Promise<'lost' | 'queued' | 'waiting'> {
  // A call of a callback URL locks the task, too: it was there before, or finds what waits for it.
  const { rowCount: held } = await tx.query(
    `select 1 from bellwire.tasks where id = $1 and attempt = $2 and worker_id = $3 and state = 'STARTED' for update`,
    [lease.taskId, lease.attempt, lease.workerId],
  )
  if (!held) return 'lost'
  const called = await findCalled(tx, requests)
  const isCalled = ({ callbackId }: ApprovalRequest): boolean =>
    callbackId !== undefined && called.has(callbackId)
  if (requests.every(isCalled)) {
    await queueAgain(tx, lease)
    return 'queued'
  }
  await wait(
    tx,
    lease,
    requests.map((request) => ({
      ...request,
      state: isCalled(request) ? 'approved' : 'waiting',
      seconds: request.timeoutSeconds ?? (timeoutSeconds === 'never' ? Infinity : timeoutSeconds),
    })),
  )
  return 'waiting'
}

/** The callback URLs among these that were called. */
async function findCalled(tx: pg.PoolClient, requests: ApprovalRequest[]): Promise<Set<string>> {
  const ids = requests.flatMap(({ callbackId }) => callbackId ?? [])
  if (ids.length === 0) return new Set()
  const { rows } = await tx.query<{ id: string }>(
    'select id from bellwire.callback_urls where id = any($1::uuid[]) and called_at is not null',
    [ids],
  )
  return new Set(rows.map(({ id }) => id))
}

async function queueAgain(tx: pg.PoolClient, { taskId, workerId }: Lease): Promise<void> {
  await tx.query(
    `with released as (
        update bellwire.tasks t set worker_id = null, crashes = 0, last_event = t.last_event + 1
        where t.id = $1 returning *
      ), logged as (
        insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id)
        select id, last_event, state, 'callback_received', attempt, $2 from released
      )
      ${resumeFrom('released', `'callback_received'`, `interval '0'`)}`,
    [taskId, workerId],
  )
}

type Wait = ApprovalRequest & { state: 'approved' | 'waiting'; seconds: number }

async function wait(tx: pg.PoolClient, { taskId, workerId }: Lease, waits: Wait[]): Promise<void> {
  const isForCallbacks = waits.every(({ callbackId }) => callbackId !== undefined)
  await tx.query({
    name: 'tasks_pause',
    text: `with paused as (
        update bellwire.tasks t
        set state = 'WAITING', worker_id = null, waiting_since = now(), crashes = 0,
          last_event = t.last_event + 1 + cardinality($4::uuid[])
        where t.id = $1
        returning t.*, t.last_event - cardinality($4::uuid[]) as first_event
      ), logged as (
        insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id)
        select id, first_event, state, $3, attempt, $2 from paused
      ), requested as (
        insert into bellwire.approvals
          (id, task_id, agent_id, event, key, tool, access, step, arguments, parameters, question, callback_id, state,
            decided_at, expires_at)
        select i.id, p.id, p.agent_id, p.first_event + i.n, i.key, i.tool, i.access, i.step, i.arguments::json,
          i.parameters::json, i.question, i.callback_id, i.state, case when i.state = 'waiting' then null else now() end,
          case when i.seconds = 'infinity' then 'infinity' else now() + make_interval(secs => i.seconds) end
        from paused p, unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::int[], $9::text[], $10::text[],
            $11::text[], $12::uuid[], $13::text[], $14::float8[])
          with ordinality as i(id, key, tool, access, step, arguments, parameters, question, callback_id, state, seconds, n)
        returning state, expires_at
      )
      insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
      select id, agent_id, null, (select min(expires_at) from requested where state = 'waiting'), 'approval_expires'
      from paused`,
    values: [
      taskId,
      workerId,
      isForCallbacks ? 'callback_awaited' : 'approval_requested',
      // Lists are ordered by id: in the order of the calls.
      waits.map(() => newId()).toSorted(),
      waits.map(({ key }) => key),
      waits.map(({ tool }) => tool),
      waits.map(({ access }) => access),
      waits.map(({ step }) => step),
      waits.map((one) => JSON.stringify(one.arguments ?? null)),
      waits.map(({ parameters }) => JSON.stringify(parameters)),
      waits.map(({ question }) => question ?? null),
      waits.map(({ callbackId }) => callbackId ?? null),
      waits.map(({ state }) => state),
      waits.map(({ seconds }) => seconds),
    ],
  })
}
