import type { TaskSummary } from '../../api/types.ts'

/** Why a task does not begin although a worker is free. */
export function whyHeld({ scope }: NonNullable<TaskSummary['held']>): string {
  return scope === 'agent'
    ? 'The budget of its agent for today is used up.'
    : 'The budget of the whole installation for today is used up.'
}
