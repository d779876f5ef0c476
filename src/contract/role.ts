import { z } from 'zod'
import { BellwireError } from '../errors.ts'
import { hasRole, ROLES } from './roleOrder.ts'

export const Role = z.enum(ROLES).meta({
  id: 'Role',
  description:
    'viewer reads; approver also decides approvals and answers questions; editor also changes agents, webhooks, ' +
    'schedules, secrets and tasks; owner also users, API keys and settings',
})
export type Role = z.infer<typeof Role>

/** @throws BellwireError `role_insufficient`, with both roles, unless the role is at least `least` */
export function requireRole(role: Role, least: Role): void {
  if (hasRole(role, least)) return
  throw new BellwireError('role_insufficient', `This needs the role ${least}; yours is ${role}.`, {
    extensions: { required_role: least, role },
  })
}
