import type { FastifyReply, FastifyRequest } from 'fastify'
import { BellwireError } from '../../errors.ts'
import type { KnownPaths } from './knownPaths.ts'

/**
 * Answers a request that matches no route: 404, or 405 with the methods that its path supports. OPTIONS requests
 * exactly these, and receives 204.
 */
export function answerUnknown(
  request: Pick<FastifyRequest, 'method' | 'url'>,
  reply: FastifyReply,
  { paths, done }: { paths: KnownPaths; done: (error: BellwireError) => void },
): void {
  const [path = ''] = request.url.split('?', 1)
  const allow = paths.methodsOf(path)
  if (allow.length === 0) return done(new BellwireError('not_found'))
  const headers = { allow: allow.join(', ') }
  if (request.method === 'OPTIONS') return void reply.code(204).headers(headers).send()
  done(new BellwireError('method_not_allowed', `Use ${allow.join(' or ')}.`, { headers }))
}
