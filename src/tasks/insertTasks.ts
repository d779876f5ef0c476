import type { Queryable } from '../db/database.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { freshRank } from '../queue/rank.ts'
import { payloadHash } from './dedupeKey.ts'
import { FLAGS, HASH, statementFor } from './insertStatement.ts'
import { guardValues, type ObjectEvent } from './objectGuard.ts'
import type { Trigger } from './trigger.ts'

/**
 * A trigger with all that is decided before it is written. `place`: in the fair order; `event`: that it is about, if it
 * is judged as it is written.
 */
export type NewTask = Trigger & {
  taskId: string
  place: number
  group?: TaskGroup
  event?: ObjectEvent | undefined
}

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

/**
/**
 * What became of a task: written; written and held, because too many events about its object have started tasks; or its
 * webhook or agent no longer exists, or its key was used before; or it is an echo.
 */
export type Written = 'written' | 'limited' | 'refused' | 'key_taken' | Echo

/** The event is about what the agent has made itself, in this task: nothing was written. */
export type Echo = { kind: 'echo'; taskId: string }

/**
 * Writes tasks with their keys and their rows in the queue: one statement, and so a transaction by itself. Whether
 * agent and webhook still exist is part of it, and so is judging events about objects. What few tasks have (keys,
 * objects, bodies, a hold) is in the statement only when one of these tasks has it.
 *
 * All values of variable length are sent in one parameter, which the driver sends unchanged: as arrays of `bytea` they
 * would be encoded in hexadecimal by the client and decoded by the server, at twice their size. It is the last one: the
 * driver copies what it has so far whenever its buffer grows.
 */
export async function insertTasks(client: Queryable, tasks: readonly NewTask[]): Promise<Written[]> {
  const { bytes, offsets, requests, payloads, elsewhere } = packValues(tasks)
  const parts = {
    keyed: tasks.some((task) => task.dedupe),
    guarded: tasks.some((task) => task.event),
    special: tasks.some((task) => task.body ?? task.hold ?? task.callback ?? task.startAt ?? task.group),
  }
  const guard = parts.guarded ? guardValues(tasks.map(({ event }) => event)) : undefined
  const { rows } = await client.query<Found>({
    ...statementFor(parts),
    values: [
      list(tasks.map((task) => task.taskId)),
      list(tasks.map((task) => task.agentId)),
      list(tasks.map((task) => task.origin)),
      list(tasks.map(flagsOf)),
      list(tasks.map(({ interactive, place }) => freshRank({ interactive, place }))),
      list(offsets),
      list(requests),
      list(payloads),
      list(
        tasks.map(({ traceParent }) => (traceParent && /^[\w-]+$/.test(traceParent) ? traceParent : 'null')),
      ),
      ...(parts.keyed
        ? [
            list(tasks.map(({ dedupe }) => dedupe?.key ?? 'null')),
            list(tasks.map(({ dedupe }) => dedupe?.ttlSeconds ?? 0)),
            list(tasks.map((task) => (task.dedupe ? payloadHash(task) : 'null'))),
          ]
        : []),
      ...(guard?.columns ?? []),
      ...(parts.special
        ? [
            list(elsewhere.map((at) => at ?? 'null')),
            list(tasks.map(({ body }) => body?.length ?? 'null')),
            tasks.map(({ callback }) => (callback ? JSON.stringify(callback) : null)),
            tasks.map(startOf),
            list(tasks.map(({ group }) => group?.conversationId ?? 'null')),
            list(tasks.map(({ group }) => group?.turn ?? 'null')),
            list(tasks.map(({ group }) => group?.windowSeconds ?? 'null')),
          ]
        : []),
      ...(guard?.names ?? []),
      bytes,
    ],
  })
  return outcomesOf(tasks.length, onlyRow({ rows }))
}

/** Numbers of the tasks that were not simply written, from 1, separated by commas; null if there are none. */
type Found = {
  refused: string | null
  /** As `number=task`, the task that has made the object. Absent when no task is about one. */
  own?: string | null
  /** Written, and held. */
  limited?: string | null
  /** Whose keys were taken. Absent when no task has a key. */
  lost?: string | null
}

function outcomesOf(count: number, { refused, own, limited, lost }: Found): Written[] {
  const outcomes = Array.from({ length: count }, (): Written => 'written')
  const set = (numbers: string | null | undefined, outcome: Written): void => {
    for (const n of numbers?.split(',') ?? []) outcomes[Number(n) - 1] = outcome
  }
  set(limited, 'limited')
  set(lost, 'key_taken')
  for (const echo of own?.split(',') ?? []) {
    const [n = '', taskId = ''] = echo.split('=')
    set(n, { kind: 'echo', taskId })
  }
  set(refused, 'refused')
  return outcomes
}

/**
 * All values of variable length, concatenated: of each task its request, the hash of its token, its payload and its
 * body. Also the start of each task's values, from 1, the lengths of its request and its payload, and the start of its
 * payload where that is part of a body: elements of a split request are not copied once more.
 */
function packValues(tasks: readonly NewTask[]) {
  const offsets: number[] = []
  const requests: number[] = []
  const payloads: number[] = []
  const elsewhere: (number | undefined)[] = []
  /** The latest body: the elements of a request follow the first one, which has it. */
  let last: { body: Buffer; at: number } | undefined
  let size = 0
  for (const { payload, request, tokenHash, body } of tasks) {
    const requestBytes = Buffer.byteLength(request)
    const valueAt = size + requestBytes + (tokenHash ? HASH : 0)
    if (body) last = { body, at: valueAt + (isWithin(payload, body) ? 0 : payload.length) }
    const host = last && isWithin(payload, last.body) ? last : undefined
    offsets.push(size + 1)
    requests.push(requestBytes)
    payloads.push(payload.length)
    elsewhere.push(host && host.at + payload.byteOffset - host.body.byteOffset + 1)
    size = valueAt + (host ? 0 : payload.length) + (body?.length ?? 0)
  }
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  tasks.forEach(({ payload, request, tokenHash, body }, index) => {
    at += bytes.write(request, at)
    if (tokenHash) at += tokenHash.copy(bytes, at)
    if (elsewhere[index] === undefined) at += payload.copy(bytes, at)
    if (body) at += body.copy(bytes, at)
  })
  return { bytes, offsets, requests, payloads, elsewhere }
}

/** Whether bytes are a part of others, in the same memory. */
function isWithin(part: Buffer, whole: Buffer): boolean {
  const start = part.byteOffset - whole.byteOffset
  return part.buffer === whole.buffer && start >= 0 && start + part.length <= whole.length
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
