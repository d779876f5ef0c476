import type { Role } from '../../../api/types.ts'

/** What each role allows, from the least to the most. */
export const ROLE_OPTIONS: readonly { value: Role; label: string; about: string }[] = [
  { value: 'viewer', label: 'Viewer', about: 'Can see everything but cannot make changes' },
  { value: 'approver', label: 'Approver', about: 'Can also decide approvals and answer questions' },
  { value: 'editor', label: 'Editor', about: 'Can also edit agents, webhooks, schedules, secrets and tasks' },
  { value: 'owner', label: 'Owner', about: 'Can also manage people, API keys and settings' },
]

export function roleLabel(role: Role): string {
  return ROLE_OPTIONS.find(({ value }) => value === role)?.label ?? role
}
