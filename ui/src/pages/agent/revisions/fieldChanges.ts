import type { AgentConfig } from '../../../api/types.ts'
import { fieldOf, labelOf } from '../agentForm.ts'

/** A field in which two revisions differ. */
export type FieldChange = { pointer: string; label: string; before: unknown; after: unknown }

/** Objects of settings, whose members are compared one by one. */
const GROUPS: Record<string, string> = {
  limits: 'Limits',
  budget: 'Budget',
  retry: 'Retries',
  approvals: 'Approval',
}

/** What a field of an agent is called, by its JSON pointer or its path. */
export function labelOfPointer(pointer: string): string {
  const path = pointer.replace(/^\//, '')
  const field = fieldOf(path)
  return field ? labelOf(field) : (GROUPS[path] ?? path.replaceAll('/', '.'))
}

/** The fields in which two configurations differ, in the order in which they are written. */
export function fieldChanges(before: AgentConfig, after: AgentConfig): FieldChange[] {
  return compare(before, after, '').flatMap((change) => {
    if (!(change.pointer in GROUPS)) return [change]
    return compare(change.before ?? {}, change.after ?? {}, `${change.pointer}/`)
  })
}

function compare(before: object, after: object, prefix: string): FieldChange[] {
  const left = new Map<string, unknown>(Object.entries(before))
  const right = new Map<string, unknown>(Object.entries(after))
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => JSON.stringify(left.get(name)) !== JSON.stringify(right.get(name)))
    .map((name) => ({
      pointer: prefix + name,
      label: labelOfPointer(prefix + name),
      before: left.get(name),
      after: right.get(name),
    }))
}

/**
 * What a revision has changed, in one line.
 *
 * @param changed pointers of the fields; null for the first revision
 */
export function summaryOf(changed: readonly string[] | null): string {
  if (changed === null) return 'Created'
  if (changed.length === 0) return 'Imported tools refreshed'
  const labels = [...new Set(changed.map(labelOfPointer))]
  const shown = labels.slice(0, 4).join(', ')
  return labels.length > 4 ? `${shown} and ${labels.length - 4} more` : shown
}
