import type { FastifyRequest } from 'fastify'
import type { Role } from '../../contract/role.ts'
import { hasRole, ROLES } from '../../contract/roleOrder.ts'
import { LINK_KINDS, redactCallbackTokens, redactLinks, type LinkKind } from '../../telemetry/bearerLinks.ts'
import { findOperator } from './operators.ts'

/** The lowest role that may do what a link does, and may therefore see it in the data of tasks. */
const LEAST: Readonly<Record<LinkKind, Role>> = {
  callback: 'approver',
  approval: 'approver',
  webhook: 'editor',
  cancel: 'editor',
  account: 'owner',
}

const hiddenFrom = (role: Role): LinkKind[] => LINK_KINDS.filter((kind) => !hasRole(role, LEAST[kind]))

/** The links that each role must not see. */
const HIDDEN = new Map(ROLES.map((role) => [role, hiddenFrom(role)]))

/** Links that the sender of a request must not see. A reader with only a link is treated as a viewer. */
export function hiddenLinks(request: FastifyRequest): readonly LinkKind[] {
  return HIDDEN.get(findOperator(request)?.role ?? 'viewer') ?? LINK_KINDS
}

/** Removes from a text, which may be JSON, the secret parts of links that the reader must not see. */
export function maskLinks(text: string, hidden: readonly LinkKind[]): string {
  if (hidden.length === 0) return text
  const masked = redactLinks(text, hidden)
  return hidden.includes('callback') ? redactCallbackTokens(masked) : masked
}
