import { AgentConfig, type AgentPatch } from '../contract/agent.ts'
import { jsonPointer, toFieldErrors } from '../contract/fieldErrors.ts'
import { BellwireError } from '../errors.ts'

/**
 * The configuration after a change.
 *
 * @throws BellwireError `schema_invalid`: a stored configuration may violate rules added since it was saved, too
 */
export function mergeConfig(before: AgentConfig, patch: AgentPatch): AgentConfig {
  const approvals = { ...before.approvals, ...patch.approvals }
  const fields = Object.entries({ ...before, ...patch, approvals }).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  const input = Object.fromEntries(fields)
  const merged = AgentConfig.safeParse(input)
  if (merged.success) return merged.data
  const errors = toFieldErrors(merged.error.issues, { schema: AgentConfig, input, pointer: jsonPointer })
  throw new BellwireError('schema_invalid', undefined, { errors })
}

/** Compared as text: the order of properties in a schema matters to a model. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
