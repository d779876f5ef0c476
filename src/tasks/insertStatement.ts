import { jsonTime } from '../db/jsonTime.ts'
import { except, ownCte, ringCtes } from './objectGuard.ts'

/** What is said of a task in one number. */
export const FLAGS = {
  interactive: 1,
  streamed: 2,
  senderVerified: 4,
  token: 8,
  senderTrusted: 16,
  held: 32,
  loop: 64,
  waits: 128,
}

/** Bytes of the hash of a token. */
export const HASH = 32

/** What some of the tasks of a group have: the statement has only the parts that it needs. */
export type Parts = { keyed: boolean; guarded: boolean; special: boolean }

type Columns = readonly (readonly [name: string, type: string])[]

/** What is sent of each task, in an array for each column; in this order, insertTasks.ts sends them. */
const COLUMNS: Record<'all' | keyof Parts, Columns> = {
  all: [
    ['id', 'uuid'],
    ['agent_id', 'uuid'],
    ['origin', 'text'],
    ['flags', 'int'],
    ['rank', 'bigint'],
    ['off', 'int'],
    ['request_length', 'int'],
    ['payload_length', 'int'],
    ['trace_parent', 'text'],
  ],
  keyed: [
    ['key', 'uuid'],
    ['ttl', 'float8'],
    ['payload_hash', 'bigint'],
  ],
  guarded: [
    ['object', 'uuid'],
    ['max_rings', 'int'],
  ],
  special: [
    ['elsewhere', 'int'],
    ['body_length', 'int'],
    ['callback', 'text'],
    ['start', 'text'],
    ['conversation_id', 'uuid'],
    ['turn', 'bigint'],
    ['window_seconds', 'float8'],
  ],
}

const flag = (name: keyof typeof FLAGS): string => `flags & ${FLAGS[name]} > 0`

/** @param bytes the parameter with all values of variable length */
const input = (columns: Columns, bytes: string): string => `i as (
    select *, off + request_length as hash_at,
      off + request_length + case when ${flag('token')} then ${HASH} else 0 end as value_at
    from unnest(${columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')})
      with ordinality as i(${columns.map(([name]) => name).join(', ')}, n)
  ), valid as (
    select i.*, a.revision, w.id as webhook_id
    from i
    join bellwire.agents a on a.id = i.agent_id and a.deleted_at is null
    left join bellwire.webhook_tokens t on i.flags & ${FLAGS.token} > 0
      and t.hash = substring(${bytes} from hash_at for ${HASH}) and (t.expires_at is null or t.expires_at > now())
    left join bellwire.webhooks w on w.id = t.webhook_id and w.enabled and w.agent_id = i.agent_id
    where i.flags & ${FLAGS.token} = 0 or w.id is not null
  )`

/**
 * `lost`: the numbers of tasks whose keys are taken. The first transaction to take a key has it: this one waits for any
 * other open transaction that takes it. Keys are taken in a fixed order, otherwise two groups would wait for each other.
 */
const takeKeys = (which: string): string => `keyed as (
    select n, key, id, payload_hash, ttl from valid where key is not null and ${which}
  ), taken as (
    insert into bellwire.dedupe_keys as k (key, task_id, payload_hash, expires_at)
    select key, id, payload_hash, now() + make_interval(secs => ttl) from keyed order by key
    on conflict (key) do update
      set task_id = excluded.task_id, payload_hash = excluded.payload_hash, expires_at = excluded.expires_at
      where k.expires_at <= now()
    returning task_id
  ), lost as (
    select n from keyed
    where (select count(*) from taken) < (select count(*) from keyed) and id not in (select task_id from taken)
  )`

const TASK_COLUMNS =
  'id, agent_id, revision, webhook_id, origin, interactive, streamed, sender_verified, sender_trusted, payload, request, trace_parent'

/** @param payloadAt where the payload starts */
const taskValues = (
  bytes: string,
  payloadAt: string,
): string => `id, agent_id, revision, webhook_id, origin, ${flag('interactive')}, ${flag('streamed')},
  ${flag('senderVerified')}, ${flag('senderTrusted')}, substring(${bytes} from ${payloadAt} for payload_length),
  convert_from(substring(${bytes} from off for request_length), 'UTF8')::json, trace_parent`

const write = (which: string, bytes: string): string => `inserted as (
    insert into bellwire.tasks (${TASK_COLUMNS}) select ${taskValues(bytes, 'value_at')} from valid where ${which}
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, why)
    select id, agent_id, rank, 'accepted' from valid where ${which}
  )`

/** Whether too many events about its object have started tasks, so that it is held. */
const IS_LIMITED = 'n = any(array(select n from limited))'

/** The same for tasks that are judged as they are written. */
const writeGuarded = (which: string, bytes: string): string => `inserted as (
    insert into bellwire.tasks (${TASK_COLUMNS}, held)
    select ${taskValues(bytes, 'value_at')}, case when ${IS_LIMITED} then ${held(`'loop_suspected'`)} end
    from valid where ${which}
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
    select id, agent_id, case when not is_limited then rank end, case when is_limited then 'infinity' else now() end,
      case when is_limited then 'held' else 'accepted' end
    from (select id, agent_id, rank, ${IS_LIMITED} as is_limited from valid where ${which} offset 0) as judged
  )`

/** JSON of the reason why a task is held, and since when. */
const held = (reason: string): string =>
  `json_build_object('reason', ${reason}, 'since', ${jsonTime('now()')})`

/**
 * The same for tasks that are held, that start later, that have a callback, that come with their bodies, or that belong
 * to a conversation or a burst.
 */
const writeSpecial = (which: string, bytes: string, isLimited: string): string => `timed as (
    select *, coalesce(elsewhere, value_at) as payload_at,
      value_at + case when elsewhere is null then payload_length else 0 end as body_at,
      case when start like '+%' then now() + make_interval(secs => start::float8) else start::timestamptz end
        as start_at
    from valid where ${which}
  ), special as (
    select *, case
        when ${flag('held')} or ${isLimited} then 'held'
        when window_seconds is not null then 'coalescing'
        when start_at > now() then 'delayed'
        when ${flag('waits')} then 'conversation'
        else 'accepted' end as why,
      case when ${flag('held')} or ${isLimited} then 'infinity'
        when window_seconds is not null then now() + make_interval(secs => window_seconds)
        when start_at > now() then start_at
        when ${flag('waits')} then 'infinity'
        else now() end as due_at
    from timed
  ), inserted as (
    insert into bellwire.tasks (${TASK_COLUMNS}, callback, conversation_id, turn, held)
    select ${taskValues(bytes, 'payload_at')}, callback::json, conversation_id, turn, case why
      when 'held' then ${held(`case when ${flag('held')} and not ${flag('loop')} then 'webhook_hold' else 'loop_suspected' end`)}
      when 'conversation' then ${held(`'conversation_busy'`)}
      when 'accepted' then null
      else json_build_object('reason', why, 'since', ${jsonTime('now()')}, 'until', ${jsonTime('due_at')}) end
    from special
  ), queued as (
    insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
    select id, agent_id, case when why = 'accepted' then rank end, due_at, why from special
  ), bodies as (
    insert into bellwire.task_bodies (task_id, body)
    select id, substring(${bytes} from body_at for body_length) from special where body_length is not null
  )`

/** The parameters of all statements begin with the ids of the tasks. */
const REFUSED = `case when (select count(*) from valid) < cardinality($1::uuid[]) then (
    select string_agg(n::text, ',') from generate_subscripts($1::uuid[], 1) as n where n not in (select n from valid)
  ) end as refused`

/**
 * Composes the statement. It returns one row with the numbers, from 1 and separated by commas, of the tasks that were
 * not written, or are held because a loop is suspected; nearly always, there are none.
 */
function compose({ keyed, guarded, special }: Parts): { name: string; text: string } {
  const columns = [
    ...COLUMNS.all,
    ...(keyed ? COLUMNS.keyed : []),
    ...(guarded ? COLUMNS.guarded : []),
    ...(special ? COLUMNS.special : []),
  ]
  const names = columns.length + 1
  const bytes = `$${names + (guarded ? 2 : 0)}::bytea`
  const ctes = [input(columns, bytes)]
  const conditions = ['true']
  const found = [REFUSED]
  if (guarded) {
    ctes.push(ownCte(names))
    conditions.push(except('own'))
    found.push(`(select string_agg(n || '=' || task_id, ',') from own) as own`)
  }
  if (keyed) {
    ctes.push(takeKeys(conditions.join(' and ')))
    conditions.push(except('lost'))
    found.push(numbersOf('lost'))
  }
  const which = conditions.join(' and ')
  if (guarded) {
    // After the keys, so that a redelivery, which starts no task, is not counted.
    ctes.push(ringCtes('valid', which))
    found.push(numbersOf('limited'))
  }
  if (special) ctes.push(writeSpecial(which, bytes, guarded ? IS_LIMITED : 'false'))
  else ctes.push(guarded ? writeGuarded(which, bytes) : write(which, bytes))
  const suffixes = [keyed ? '_keyed' : '', guarded ? '_guarded' : '', special ? '_special' : '']
  return {
    name: `tasks_insert${suffixes.join('')}`,
    text: `with ${ctes.join(', ')} select ${found.join(', ')}`,
  }
}

function numbersOf(relation: string): string {
  return `(select string_agg(n::text, ',') from ${relation}) as ${relation}`
}

const STATEMENTS = new Map<number, { name: string; text: string }>()

/** The statement that insertTasks.ts sends for a group of tasks. */
export function statementFor(parts: Parts): { name: string; text: string } {
  const kind = (parts.keyed ? 1 : 0) | (parts.guarded ? 2 : 0) | (parts.special ? 4 : 0)
  const known = STATEMENTS.get(kind)
  if (known) return known
  const made = compose(parts)
  STATEMENTS.set(kind, made)
  return made
}
