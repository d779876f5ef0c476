import type { FastifyRequest } from 'fastify'
import { requireAdmin, type Authenticate } from '../../auth/authenticate.ts'
import type { LinkPurpose, Links } from '../../auth/links.ts'
import { BellwireError } from '../../errors.ts'

/**
 * Admits requests with an admin key, or with the link for this purpose and task.
 *
 * @throws BellwireError `unauthenticated`, `forbidden`, `link_invalid`
 */
export type AdmitToTask = (
  request: FastifyRequest,
  purpose: LinkPurpose,
  taskId: string,
  key: string | undefined,
) => Promise<void>

export function createAdmitToTask(authenticate: Authenticate, links: Links): AdmitToTask {
  return async (request, purpose, taskId, key) => {
    if (key === undefined) return requireAdmin(await authenticate(request))
    if (!links.verify(purpose, taskId, key)) throw new BellwireError('link_invalid')
  }
}
