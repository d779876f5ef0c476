import type { FastifyRequest } from 'fastify'
import { elsewhere, isSameOrigin } from '../../auth/sameOrigin.ts'
import { BellwireError } from '../../errors.ts'

/**
 * For routes that sign a browser in: another site must not be able to do that, not even with valid credentials.
 *
 * @throws BellwireError `cross_origin`
 */
export function refuseOtherSites(request: FastifyRequest, publicUrl: string): void {
  if (isSameOrigin(request, publicUrl) === false)
    throw new BellwireError('cross_origin', elsewhere(publicUrl))
}
