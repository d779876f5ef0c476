import type { FastifyRequest } from 'fastify'
import type { Authenticate } from '../../auth/authenticate.ts'
import type { LinkPurpose, Links } from '../../auth/links.ts'
import { BellwireError } from '../../errors.ts'
import { admitOperator } from './operators.ts'

/**
 * Admits requests of operators with the role that the route needs, or with the link for this purpose and task.
 *
 * @throws BellwireError `unauthenticated`, `forbidden`, `role_insufficient`, `link_invalid`
 */
export type AdmitToTask = (
  request: FastifyRequest,
  purpose: LinkPurpose,
  taskId: string,
  key: string | undefined,
) => Promise<void>

export function createAdmitToTask(authenticate: Authenticate, links: Links): AdmitToTask {
  return async (request, purpose, taskId, key) => {
    if (key === undefined) return void (await admitOperator(request, authenticate))
    if (!links.verify(purpose, taskId, key)) throw new BellwireError('link_invalid')
  }
}
