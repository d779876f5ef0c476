import type { FastifyReply, FastifyRequest } from 'fastify'
import { BellwireError } from '../../errors.ts'
import type { Cors } from '../plumbing/cors.ts'
import { pathOf, type KnownPaths } from './knownPaths.ts'

/** GET, HEAD or POST. */
const listed = new Intl.ListFormat('en-GB', { type: 'disjunction' })

/**
 * Answers a request that matches no route: 404, or 405 with the methods that its path supports. OPTIONS requests
 * exactly these, and receives 204.
 */
export function answerUnknown(
  request: Pick<FastifyRequest, 'method' | 'url' | 'headers'>,
  reply: FastifyReply,
  { paths, cors, done }: { paths: KnownPaths; cors: Cors; done: (error: BellwireError) => void },
): void {
  const { all, crossOrigin } = paths.methodsOf(pathOf(request.url))
  if (all.length === 0) return done(new BellwireError('not_found'))
  if (crossOrigin.length > 0) cors.sharePreflight(request, reply, crossOrigin)
  const headers = { allow: all.join(', ') }
  if (request.method === 'OPTIONS') return void reply.code(204).headers(headers).send()
  done(new BellwireError('method_not_allowed', `Use ${listed.format(all)}.`, { headers }))
}
