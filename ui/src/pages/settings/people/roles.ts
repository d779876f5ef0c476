import type { Role } from '../../../api/types.ts'

/** What each role allows, from the least to the most. */
export const ROLE_OPTIONS: readonly { value: Role; label: string; about: string }[] = [
  { value: 'viewer', label: 'Viewer', about: 'Sees everything, changes nothing' },
  { value: 'approver', label: 'Approver', about: 'Also decides approvals and answers questions' },
  { value: 'editor', label: 'Editor', about: 'Also changes agents, webhooks, schedules, secrets and tasks' },
  { value: 'owner', label: 'Owner', about: 'Also manages people, API keys and settings' },
]

export function roleLabel(role: Role): string {
  return ROLE_OPTIONS.find(({ value }) => value === role)?.label ?? role
}
