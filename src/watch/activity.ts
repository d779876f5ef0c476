import type { ActivityKind } from '../contract/activity.ts'
import type { TaskState } from '../contract/task.ts'
import type { Place, Position } from './position.ts'

/** Something that an operator watches. */
export type Activity = {
  /** Where a reader is who has received it. */
  position: Position
  place: Place
  kind: ActivityKind
  agentId: string
  webhookId: string | null
  /** Of a task event. */
  state: TaskState | undefined
  data: Record<string, unknown>
}

/** Which events a follower wants: those that match every field. */
export type ActivityFilter = {
  kinds?: readonly ActivityKind[] | undefined
  states?: readonly TaskState[] | undefined
  agentId?: string | undefined
  webhookId?: string | undefined
}

export function matches({ kinds, states, agentId, webhookId }: ActivityFilter, event: Activity): boolean {
  return (
    (kinds?.includes(event.kind) ?? true) &&
    (states === undefined || event.state === undefined || states.includes(event.state)) &&
    (agentId === undefined || agentId === event.agentId) &&
    (webhookId === undefined || webhookId === event.webhookId)
  )
}
