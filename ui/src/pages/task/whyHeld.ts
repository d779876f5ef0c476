import type { TaskSummary } from '../../api/types.ts'

/** Why a task does not start although a worker is free. */
export function whyHeld(held: NonNullable<TaskSummary['held']>): string {
  if (held.reason === 'budget_exhausted') {
    return held.scope === 'agent'
      ? "The agent's daily budget is used up."
      : 'The daily budget of this installation is used up.'
  }
  if (held.reason === 'conversation_busy') return 'An earlier task of its conversation has not ended.'
  if (held.reason === 'coalescing') return 'Other requests may join it before it starts.'
  if (held.reason === 'delayed') return 'Its request asked for a later start.'
  return held.reason === 'webhook_hold'
    ? 'Held by its webhook until it is released.'
    : 'Held until it is released: this may be a loop.'
}
