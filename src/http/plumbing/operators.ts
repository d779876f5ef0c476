import type { FastifyRequest } from 'fastify'
import { requireOperator, type Authenticate } from '../../auth/authenticate.ts'
import type { Operator } from '../../auth/principal.ts'
import { accessTo } from '../../contract/access.ts'
import type { Actor } from '../../contract/audit.ts'
import type { Role } from '../../contract/role.ts'
import { hasRole } from '../../contract/roleOrder.ts'

/** Who makes each request that was admitted. Not a property of requests: triggers have none. */
const operators = new WeakMap<FastifyRequest, Operator>()

/**
 * Admits a request whose operator has the role that its route needs: see src/contract/access.ts.
 *
 * @throws BellwireError `unauthenticated`, `forbidden`, `role_insufficient`, `cross_origin`
 */
export async function admitOperator(request: FastifyRequest, authenticate: Authenticate): Promise<Operator> {
  const principal = await authenticate(request)
  const access = accessTo(request.method, request.routeOptions.url ?? '')
  const operator = requireOperator(principal, access === 'anyone' ? 'viewer' : access)
  operators.set(request, operator)
  return operator
}

/** Who makes a request; undefined when it was admitted with a link, or needs no key. */
export function findOperator(request: FastifyRequest): Operator | undefined {
  return operators.get(request)
}

/** Who makes a request to a route for operators. */
export function operatorOf(request: FastifyRequest): Operator {
  const operator = operators.get(request)
  if (!operator)
    throw new Error(`${request.method} ${request.routeOptions.url} admits requests without an operator`)
  return operator
}

/** Whether the operator of a request has at least this role. */
export function mayAct(request: FastifyRequest, least: Role): boolean {
  return hasRole(operatorOf(request).role, least)
}

/** Identifies the user or the key that makes a request, for limits. All sessions of a user count as one caller. */
export function callerOf(request: FastifyRequest): string {
  const { userId, keyId } = operatorOf(request)
  return userId ?? keyId ?? 'link'
}

/** Whether the reader may see credentials that are hard-coded in tools: only those who may change them. */
export function mayReadCredentials(request: FastifyRequest): boolean {
  return hasRole(findOperator(request)?.role ?? 'viewer', 'editor')
}

/** Who a change is recorded for. */
export function actorOf(request: FastifyRequest): Actor {
  const operator = operators.get(request)
  if (!operator) {
    const isApproval = request.routeOptions.url?.startsWith('/api/approvals/')
    return { type: 'link', id: null, name: isApproval ? 'Approval link' : 'Task link' }
  }
  const { userId, keyId, name } = operator
  if (userId !== undefined) return { type: 'user', id: userId, name }
  return keyId === undefined ? { type: 'link', id: null, name } : { type: 'key', id: keyId, name }
}
