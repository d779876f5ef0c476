import type { TaskSummary } from '../../api/types.ts'

/** Why a task does not begin although a worker is free. */
export function whyHeld({ scope }: NonNullable<TaskSummary['held']>): string {
  return scope === 'agent'
    ? "The agent's daily budget is used up."
    : 'The daily budget of this installation is used up.'
}
