import type { TaskSummary } from '../../api/types.ts'

/** Why a task does not begin although a worker is free. */
export function whyHeld(held: NonNullable<TaskSummary['held']>): string {
  if (held.reason === 'webhook_hold') return 'Held by its webhook until it is released.'
  if (held.reason === 'loop_suspected') return 'Held until it is released: this may be a loop.'
  return held.scope === 'agent'
    ? "The agent's daily budget is used up."
    : 'The daily budget of this installation is used up.'
}
