import { setImmediate } from 'node:timers/promises'
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
  const masked = redactLinks(text, hidden, 'whole')
  return hidden.includes('callback') ? redactCallbackTokens(masked) : masked
}

/** Characters that are masked at once: some milliseconds of work. */
const PIECE = 262_144

/** The same for a text of any length, in pieces, so that other requests are answered in between. */
export async function* maskLong(text: string, hidden: readonly LinkKind[]): AsyncGenerator<string> {
  let start = 0
  while (text.length - start > PIECE) {
    const end = endOfPiece(text, start)
    yield maskLinks(text.slice(start, end), hidden)
    start = end
    await setImmediate()
  }
  if (start < text.length) yield maskLinks(text.slice(start), hidden)
}

/** Where a piece ends: after a quote or the end of a line, which are in no link, and otherwise with the text. */
function endOfPiece(text: string, start: number): number {
  const last = (mark: string): number => text.slice(start, start + PIECE).lastIndexOf(mark)
  const before = Math.max(last('"'), last('\n'))
  if (before >= 0) return start + before + 1
  const next = /["\n]/g
  next.lastIndex = start + PIECE
  return next.test(text) ? next.lastIndex : text.length
}
