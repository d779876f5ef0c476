import type { Queryable } from '../db/database.ts'
import { freshRank } from '../queue/rank.ts'
import type { Trigger } from './trigger.ts'

/** A trigger with everything that is decided before it is written. `place`: in the fair order. */
export type NewTask = Trigger & { taskId: string; place: number; keyHash: Buffer | undefined }

/** The outcome of a task: written, or its webhook or agent no longer exists, or its key was used before. */
export type Written = 'written' | 'refused' | 'key_taken'

const FLAGS = { interactive: 1, streamed: 2, senderVerified: 4, token: 8, key: 16 }

/** Bytes of a SHA-256. */
const HASH = 32

/**
 * Writes tasks with their keys and their rows in the queue: one statement, and so one transaction. It also checks that
 * agent and webhook still exist.
 *
 * All values of variable length are sent in one parameter, which the driver sends unchanged: as arrays of `bytea` they
 * would be encoded in hexadecimal by the client and decoded by the server, at twice their size.
 */
export async function insertTasks(client: Queryable, tasks: NewTask[]): Promise<Written[]> {
  const { bytes, offsets, payloads, requests } = packValues(tasks)
  const keyed = tasks.some((task) => task.keyHash)
  const { rows } = await client.query<{ n: number; written: boolean }>({
    name: keyed ? 'tasks_insert_keyed' : 'tasks_insert',
    text: keyed ? WITH_KEYS : WITHOUT_KEYS,
    values: [
      bytes,
      list(tasks.map((task) => task.taskId)),
      list(tasks.map((task) => task.agentId)),
      list(tasks.map((task) => task.origin)),
      list(tasks.map(flagsOf)),
      list(tasks.map(({ interactive, place }) => freshRank({ interactive, place }))),
      list(offsets),
      list(payloads),
      list(requests),
      list(
        tasks.map(({ traceParent }) => (traceParent && /^[\w-]+$/.test(traceParent) ? traceParent : 'null')),
      ),
      ...(keyed ? [list(tasks.map((task) => task.idempotency?.ttlSeconds ?? 0))] : []),
    ],
  })
  const outcomes = tasks.map((): Written => 'refused')
  for (const { n, written } of rows) outcomes[n - 1] = written ? 'written' : 'key_taken'
  return outcomes
}

/** All values of variable length, concatenated; the start of each task's values, from 1, and their lengths. */
function packValues(tasks: NewTask[]) {
  const offsets: number[] = []
  const payloads: number[] = []
  const requests: number[] = []
  let size = 0
  for (const { payload, request, tokenHash, keyHash } of tasks) {
    const requestBytes = Buffer.byteLength(request)
    offsets.push(size + 1)
    payloads.push(payload.length)
    requests.push(requestBytes)
    size += payload.length + requestBytes + (tokenHash ? HASH : 0) + (keyHash ? HASH : 0)
  }
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const { payload, request, tokenHash, keyHash } of tasks) {
    at += payload.copy(bytes, at)
    at += bytes.write(request, at)
    if (tokenHash) at += tokenHash.copy(bytes, at)
    if (keyHash) at += keyHash.copy(bytes, at)
  }
  return { bytes, offsets, payloads, requests }
}

function flagsOf(task: NewTask): number {
  return (
    (task.interactive ? FLAGS.interactive : 0) |
    (task.streamed ? FLAGS.streamed : 0) |
    (task.senderVerified ? FLAGS.senderVerified : 0) |
    (task.tokenHash ? FLAGS.token : 0) |
    (task.keyHash ? FLAGS.key : 0)
  )
}

/** An array of values that need no quotes, in PostgreSQL's format: ids, numbers, words, trace contexts. */
function list(values: (string | number)[]): string {
  return `{${values.join(',')}}`
}

const INPUT = `i as (
    select *, off + payload_length as request_at, off + payload_length + request_length as hash_at
    from unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::int[], $8::int[], $9::int[], $10::text[])
      with ordinality as i(id, agent_id, origin, flags, rank, off, payload_length, request_length, trace_parent, n)
  ), valid as (
    select i.*, a.revision, w.id as webhook_id
    from i
    join bellwire.agents a on a.id = i.agent_id and a.deleted_at is null
    left join bellwire.webhook_tokens t on i.flags & ${FLAGS.token} > 0
      and t.hash = substring($1::bytea from hash_at for ${HASH}) and (t.expires_at is null or t.expires_at > now())
    left join bellwire.webhooks w on w.id = t.webhook_id and w.enabled and w.agent_id = i.agent_id
    where i.flags & ${FLAGS.token} = 0 or w.id is not null
  )`

/** `$from`: a relation with the columns of `valid`. */
const write = (from: string): string => `inserted as (
    insert into bellwire.tasks
      (id, agent_id, revision, webhook_id, origin, interactive, streamed, sender_verified, payload, request, trace_parent)
    select id, agent_id, revision, webhook_id, origin, flags & ${FLAGS.interactive} > 0, flags & ${FLAGS.streamed} > 0,
      flags & ${FLAGS.senderVerified} > 0, substring($1::bytea from off for payload_length),
      convert_from(substring($1::bytea from request_at for request_length), 'UTF8')::json, trace_parent
    from ${from}
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, why) select id, agent_id, rank, 'accepted' from ${from}
  )`

const WITHOUT_KEYS = `with ${INPUT}, ${write('valid')} select n::int, true as written from valid`

/**
 * The first transaction to take a key has it: this one waits for any other open transaction that takes it. Keys are
 * taken in a fixed order, otherwise two groups would wait for each other.
 */
const WITH_KEYS = `with ${INPUT}, keyed as (
    select v.id, v.agent_id, ttl.ttl,
      substring($1::bytea from hash_at + case when v.flags & ${FLAGS.token} > 0 then ${HASH} else 0 end for ${HASH}) as hash
    from valid v join unnest($11::float8[]) with ordinality as ttl(ttl, n) using (n)
    where v.flags & ${FLAGS.key} > 0
  ), taken as (
    insert into bellwire.idempotency_keys as k (agent_id, hash, task_id, expires_at)
    select agent_id, hash, id, now() + make_interval(secs => ttl) from keyed order by agent_id, hash
    on conflict (agent_id, hash) do update set task_id = excluded.task_id, expires_at = excluded.expires_at
      where k.expires_at <= now()
    returning task_id
  ), fresh as (
    select v.* from valid v where v.flags & ${FLAGS.key} = 0 or v.id in (select task_id from taken)
  ), ${write('fresh')}
  select v.n::int, f.id is not null as written from valid v left join fresh f on f.id = v.id`
