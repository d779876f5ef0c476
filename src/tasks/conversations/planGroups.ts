import type { BurstOf, ConversationOf } from '../trigger.ts'
import type { NewTask, TaskGroup } from '../insertTasks.ts'
import type { GroupState, LockedConversation, OpenBurst } from './groupState.ts'

/** Requests that may join one run; further ones start a task of their own. */
export const MAX_JOINED = 1_000

/** A request that joins a task. */
export type Join = { task: NewTask; into: string; n: number; coalesced: boolean }

/** What becomes of requests, all decided. */
export type GroupPlan = {
  /** Tasks that are made. */
  created: NewTask[]
  joins: Join[]
  /** Tasks that are cancelled because a newer one starts with what they were to do: by the id of that one. */
  superseded: Map<string, string>
  /** Bursts that begin, and the tasks that collect them. */
  begun: Map<string, { taskId: string; windowSeconds: number }>
  /** Tasks whose burst is full: they start now. */
  full: Set<string>
}

/** Decides about requests in the order of their arrival. Changes `state` as if each had been written. */
export function planGroups(tasks: readonly NewTask[], state: GroupState): GroupPlan {
  const plan: GroupPlan = {
    created: [],
    joins: [],
    superseded: new Map(),
    begun: new Map(),
    full: new Set(),
  }
  for (const task of tasks) {
    const { burst, conversation } = task
    const isJoining = isJoinable(task)
    if (burst && isJoining && joinBurst(plan, task, burst, state.bursts)) continue
    const locked = conversation && state.conversations.get(conversation.name)
    const group = locked ? placeInOrder(plan, task, conversation, locked) : {}
    if (!group) continue
    const windowSeconds = burst && isJoining ? burst.windowSeconds : undefined
    if (burst && windowSeconds !== undefined) {
      const { taskId, senderTrusted = false } = task
      state.bursts.set(burst.name, { taskId, senderTrusted, joined: 0 })
      plan.begun.set(burst.name, { taskId, windowSeconds })
    }
    plan.created.push({ ...task, group: { ...group, windowSeconds } })
  }
  return plan
}

/** @returns whether the request joined the task that collects its burst */
function joinBurst(
  plan: GroupPlan,
  task: NewTask,
  { name, max }: BurstOf,
  bursts: Map<string, OpenBurst>,
): boolean {
  const open = bursts.get(name)
  if (!open || open.joined + 1 >= max || open.senderTrusted !== (task.senderTrusted ?? false)) return false
  open.joined += 1
  plan.joins.push({ task, into: open.taskId, n: open.joined, coalesced: true })
  if (open.joined + 1 >= max) {
    plan.full.add(open.taskId)
    bursts.delete(name)
  }
  return true
}

/** @returns the place of its task in the conversation; undefined when the request joined one that is there */
function placeInOrder(
  plan: GroupPlan,
  task: NewTask,
  { whileRunning }: ConversationOf,
  conversation: LockedConversation,
): TaskGroup | undefined {
  const { id: conversationId, live } = conversation
  // One that starts later is not waited for.
  if (whileRunning === 'parallel' || task.startAt) return { conversationId }
  if (whileRunning === 'append' && joinRun(plan, task, conversation)) return undefined
  if (whileRunning === 'restart' && !task.hold) {
    for (const { taskId, isClosed } of live) if (!isClosed) plan.superseded.set(taskId, task.taskId)
    conversation.live = live.filter(({ isClosed }) => isClosed)
  }
  const waits = conversation.live.length > 0
  const senderTrusted = task.senderTrusted ?? false
  const isClosed = task.hold !== undefined || (task.burst !== undefined && !task.hasFiles)
  conversation.live.push({ taskId: task.taskId, senderTrusted, isClosed, joined: 0 })
  return { conversationId, turn: conversation.nextTurn++, waits }
}

function isJoinable({ hold, hasFiles, startAt }: NewTask): boolean {
  return !hold && !hasFiles && !startAt
}

/**
 * Adds a request to the newest task of the conversation that has not ended. One with files, one that is held, and one
 * whose author is trusted differently starts a task of its own: a run has one set of tools.
 *
 * @returns whether it joined
 */
function joinRun(plan: GroupPlan, task: NewTask, { live }: LockedConversation): boolean {
  const target = live.at(-1)
  if (!target || target.isClosed || !isJoinable(task)) return false
  if (target.senderTrusted !== (task.senderTrusted ?? false) || target.joined >= MAX_JOINED) return false
  target.joined += 1
  plan.joins.push({ task, into: target.taskId, n: target.joined, coalesced: false })
  return true
}
