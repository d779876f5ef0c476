import type { FastifyReply, FastifyRequest } from 'fastify'
import { BellwireError } from '../../errors.ts'
import type { Cors } from '../plumbing/cors.ts'
import { pathOf, type KnownPaths } from './knownPaths.ts'

export type UnknownParts = {
  paths: KnownPaths
  cors: Cors
  /** Answers a browser at an unknown address; without it, it gets a problem document like everybody else. */
  sendMissingPage?: ((reply: FastifyReply) => void) | undefined
  done: (error: BellwireError) => void
}

/** GET, HEAD or POST. */
const listed = new Intl.ListFormat('en-GB', { type: 'disjunction' })

/**
 * Answers a request that matches no route: 404, or 405 with the methods that its path supports. OPTIONS requests
 * exactly these, and receives 204.
 */
export function answerUnknown(
  request: Pick<FastifyRequest, 'method' | 'url' | 'headers'>,
  reply: FastifyReply,
  { paths, cors, sendMissingPage, done }: UnknownParts,
): void {
  const { all, crossOrigin } = paths.methodsOf(pathOf(request.url))
  if (all.length === 0) {
    if (sendMissingPage && isForPeople(request)) return sendMissingPage(reply)
    return done(new BellwireError('not_found'))
  }
  if (crossOrigin.length > 0) cors.sharePreflight(request, reply, crossOrigin)
  const headers = { allow: all.join(', ') }
  if (request.method === 'OPTIONS') return void reply.code(204).headers(headers).send()
  done(new BellwireError('method_not_allowed', `Use ${listed.format(all)}.`, { headers }))
}

/** Whether somebody opens an address in a browser. Below /api there are only programs. */
function isForPeople({ method, url, headers }: Pick<FastifyRequest, 'method' | 'url' | 'headers'>): boolean {
  if (method !== 'GET' || /^\/(?:api|assets)(?:\/|$)/.test(pathOf(url))) return false
  return headers['sec-fetch-mode'] === 'navigate' || headers.accept?.startsWith('text/html') === true
}
