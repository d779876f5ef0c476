import type { Queryable } from '../db/database.ts'
import { jsonTime } from '../db/jsonTime.ts'
import { freshRank } from '../queue/rank.ts'
import { payloadHash } from './dedupeKey.ts'
import type { Trigger } from './trigger.ts'

/** A trigger with all that is decided before it is written. `place`: in the fair order. */
export type NewTask = Trigger & { taskId: string; place: number; group?: TaskGroup }

/** What a task has of its conversation and its burst. */
export type TaskGroup = {
  conversationId?: string | undefined
  /** Its place in the order of the conversation; undefined where tasks run side by side. */
  turn?: number | undefined
  /** An earlier task of the conversation has not ended. */
  waits?: boolean
  /** Seconds for which other requests may join it before it starts. */
  windowSeconds?: number | undefined
}

/** The outcome of a task: written, or its webhook or agent no longer exists, or its key was used before. */
export type Written = 'written' | 'refused' | 'key_taken'

const FLAGS = {
  interactive: 1,
  streamed: 2,
  senderVerified: 4,
  token: 8,
  senderTrusted: 16,
  held: 32,
  loop: 64,
  waits: 128,
}

/** Bytes of a SHA-256. */
const HASH = 32

/**
 * Writes tasks with their keys and their rows in the queue: one statement, and so a transaction by itself. Whether
 * agent and webhook still exist is part of it. What few tasks have (keys, bodies, a hold) is in the statement only
 * when one of these tasks has it.
 *
 * All values of variable length are sent in one parameter, which the driver sends unchanged: as arrays of `bytea` they
 * would be encoded in hexadecimal by the client and decoded by the server, at twice their size.
 */
export async function insertTasks(client: Queryable, tasks: NewTask[]): Promise<Written[]> {
  const { bytes, offsets, payloads, requests } = packValues(tasks)
  const keyed = tasks.some((task) => task.dedupe)
  const special = tasks.some((task) => task.body ?? task.hold ?? task.callback ?? task.startAt ?? task.group)
  const statement = STATEMENTS[`${keyed}-${special}`]
  const { rows } = await client.query<{ n: number; written: boolean }>({
    ...statement,
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
      ...(keyed
        ? [
            list(tasks.map(({ dedupe }) => dedupe?.key ?? 'null')),
            list(tasks.map(({ dedupe }) => dedupe?.ttlSeconds ?? 0)),
            list(tasks.map(({ dedupe, payload }) => (dedupe ? payloadHash(payload) : 'null'))),
          ]
        : []),
      ...(special
        ? [
            list(tasks.map(({ body }) => body?.length ?? 'null')),
            tasks.map(({ callback }) => (callback ? JSON.stringify(callback) : null)),
            tasks.map(startOf),
            list(tasks.map(({ group }) => group?.conversationId ?? 'null')),
            list(tasks.map(({ group }) => group?.turn ?? 'null')),
            list(tasks.map(({ group }) => group?.windowSeconds ?? 'null')),
          ]
        : []),
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
  for (const { payload, request, tokenHash, body } of tasks) {
    const requestBytes = Buffer.byteLength(request)
    offsets.push(size + 1)
    payloads.push(payload.length)
    requests.push(requestBytes)
    size += payload.length + requestBytes + (tokenHash ? HASH : 0) + (body ? body.length : 0)
  }
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const { payload, request, tokenHash, body } of tasks) {
    at += payload.copy(bytes, at)
    at += bytes.write(request, at)
    if (tokenHash) at += tokenHash.copy(bytes, at)
    if (body) at += body.copy(bytes, at)
  }
  return { bytes, offsets, payloads, requests }
}

function flagsOf(task: NewTask): number {
  return (
    (task.interactive ? FLAGS.interactive : 0) |
    (task.streamed ? FLAGS.streamed : 0) |
    (task.senderVerified ? FLAGS.senderVerified : 0) |
    (task.tokenHash ? FLAGS.token : 0) |
    (task.senderTrusted ? FLAGS.senderTrusted : 0) |
    (task.hold ? FLAGS.held : 0) |
    (task.hold === 'loop_suspected' ? FLAGS.loop : 0) |
    (task.group?.waits ? FLAGS.waits : 0)
  )
}

/** When a task starts, as the statement reads it: seconds from now with a plus, or a time. */
function startOf({ startAt }: NewTask): string | null {
  if (!startAt) return null
  return 'time' in startAt ? startAt.time.toISOString() : `+${startAt.inSeconds}`
}

/** An array of values that need no quotes, as PostgreSQL writes it: ids, numbers, words, trace contexts. */
function list(values: (string | number | bigint)[]): string {
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

const flag = (name: keyof typeof FLAGS): string => `flags & ${FLAGS[name]} > 0`

const TASK_COLUMNS =
  'id, agent_id, revision, webhook_id, origin, interactive, streamed, sender_verified, sender_trusted, payload, request, trace_parent'

const TASK_VALUES = `id, agent_id, revision, webhook_id, origin, ${flag('interactive')}, ${flag('streamed')},
  ${flag('senderVerified')}, ${flag('senderTrusted')}, substring($1::bytea from off for payload_length),
  convert_from(substring($1::bytea from request_at for request_length), 'UTF8')::json, trace_parent`

/** `from`: a relation with the columns of `valid`. */
const write = (from: string): string => `inserted as (
    insert into bellwire.tasks (${TASK_COLUMNS}) select ${TASK_VALUES} from ${from}
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, why) select id, agent_id, rank, 'accepted' from ${from}
  )`

/** JSON of the reason why a task is held, and since when. */
const held = (reason: string): string =>
  `json_build_object('reason', ${reason}, 'since', ${jsonTime('now()')})`

/**
 * The same for tasks that are held, that start later, that have a callback, that come with their bodies, or that belong
 * to a conversation or a burst.
 *
 * @param first the number of the first of their parameters
 */
const writeSpecial = (from: string, first: number): string => `special as (
    select f.*, s.body_length, s.callback, s.conversation_id, s.turn, case
        when ${flag('held')} then 'held'
        when window_seconds is not null then 'coalescing'
        when s.start_at > now() then 'delayed'
        when ${flag('waits')} then 'conversation'
        else 'accepted' end as why,
      case when ${flag('held')} then 'infinity'
        when window_seconds is not null then now() + make_interval(secs => window_seconds)
        when s.start_at > now() then s.start_at
        when ${flag('waits')} then 'infinity'
        else now() end as due_at
    from ${from} f
    join (
        select n, body_length, callback, conversation_id, turn, window_seconds,
          case when start like '+%' then now() + make_interval(secs => start::float8) else start::timestamptz end
            as start_at
        from unnest($${first}::int[], $${first + 1}::text[], $${first + 2}::text[], $${first + 3}::uuid[],
            $${first + 4}::bigint[], $${first + 5}::float8[]) with ordinality
          as i(body_length, callback, start, conversation_id, turn, window_seconds, n)
      ) s using (n)
  ), inserted as (
    insert into bellwire.tasks (${TASK_COLUMNS}, callback, conversation_id, turn, held)
    select ${TASK_VALUES}, callback::json, conversation_id, turn, case why
      when 'held' then ${held(`case when ${flag('loop')} then 'loop_suspected' else 'webhook_hold' end`)}
      when 'conversation' then ${held(`'conversation_busy'`)}
      when 'accepted' then null
      else json_build_object('reason', why, 'since', ${jsonTime('now()')}, 'until', ${jsonTime('due_at')}) end
    from special
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
    select id, agent_id, case when why = 'accepted' then rank end, due_at, why from special
  ), bodies as (
    insert into bellwire.task_bodies (task_id, body)
    select id, substring($1::bytea from hash_at + case when ${flag('token')} then ${HASH} else 0 end for body_length)
    from special where body_length is not null
  )`

/**
 * The first transaction to take a key has it: this one waits for any other open transaction that takes it. Keys are
 * taken in a fixed order, otherwise two groups would wait for each other.
 */
const TAKE_KEYS = `keyed as (
    select v.id, k.key, k.ttl, k.payload_hash
    from valid v join unnest($11::uuid[], $12::float8[], $13::bigint[]) with ordinality as k(key, ttl, payload_hash, n)
      using (n)
    where k.key is not null
  ), taken as (
    insert into bellwire.dedupe_keys as k (key, task_id, payload_hash, expires_at)
    select key, id, payload_hash, now() + make_interval(secs => ttl) from keyed order by key
    on conflict (key) do update
      set task_id = excluded.task_id, payload_hash = excluded.payload_hash, expires_at = excluded.expires_at
      where k.expires_at <= now()
    returning task_id
  ), fresh as (
    select v.* from valid v
    where not exists (select 1 from keyed k where k.id = v.id) or v.id in (select task_id from taken)
  )`

const ALL_WRITTEN = 'select n::int, true as written from valid'
const FRESH_WRITTEN = `select v.n::int, f.id is not null as written from valid v left join fresh f on f.id = v.id`

/** By whether a task has a key, and whether one is special. */
const STATEMENTS: Record<`${boolean}-${boolean}`, { name: string; text: string }> = {
  'false-false': { name: 'tasks_insert', text: `with ${INPUT}, ${write('valid')} ${ALL_WRITTEN}` },
  'true-false': {
    name: 'tasks_insert_keyed',
    text: `with ${INPUT}, ${TAKE_KEYS}, ${write('fresh')} ${FRESH_WRITTEN}`,
  },
  'false-true': {
    name: 'tasks_insert_special',
    text: `with ${INPUT}, ${writeSpecial('valid', 11)} ${ALL_WRITTEN}`,
  },
  'true-true': {
    name: 'tasks_insert_keyed_special',
    text: `with ${INPUT}, ${TAKE_KEYS}, ${writeSpecial('fresh', 14)} ${FRESH_WRITTEN}`,
  },
}
