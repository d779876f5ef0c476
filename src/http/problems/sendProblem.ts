import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../telemetry/log.ts'
import { logError, type LoggedError } from '../../telemetry/logError.ts'
import { pathOf, type KnownPaths } from './knownPaths.ts'
import { toKnownError } from './knownError.ts'
import { problemHeaders, toProblem } from './problem.ts'
import { bodyIsArriving, sendBeforeBody } from './sendBeforeBody.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Problem documents of this route leave out `status`, which RFC 9457 lets them: what this route answers has a
     * `status` of its own, and its clients would take the number for one.
     */
    problemsWithoutStatus?: boolean
  }
}

/** How often the log reports that the database is unavailable. */
const WARN_EVERY_MS = 5_000

/**
 * Responds with the problem document of any thrown error. Internal errors are logged.
 *
 * @param paths knows the path of a request that no route takes, because of its method
 */
export function createSendProblem(log: Log, paths?: Pick<KnownPaths, 'methodsOf'>) {
  let lastWarning = -Infinity
  let refused = 0

  /** One line for all requests within some seconds: while the database is unavailable, every one of them fails. */
  function warnOfDatabase(cause: LoggedError): void {
    refused += 1
    const now = performance.now()
    if (now - lastWarning < WARN_EVERY_MS) return
    log.warn({ err: cause, refused }, 'the database cannot be reached')
    lastWarning = now
    refused = 0
  }

  return (
    error: unknown,
    request: Pick<FastifyRequest, 'id' | 'routeOptions' | 'is404' | 'url' | 'raw' | 'bodyLease'>,
    reply: Pick<FastifyReply, 'code'>,
  ): FastifyReply => {
    const known = toKnownError(error)
    const cause = logError(known.options.cause)
    if (known.code === 'internal') log.error({ request_id: request.id, err: cause }, 'request failed')
    if (known.code === 'database_unavailable') warnOfDatabase(cause)
    const problem = toProblem(known, request.id)
    const { problemsWithoutStatus } =
      request.is404 && paths ? paths.methodsOf(pathOf(request.url)) : request.routeOptions.config
    if (problemsWithoutStatus) delete problem.status
    const text = JSON.stringify(problem)
    const started = reply.code(known.status).headers(problemHeaders(known))
    if (!bodyIsArriving(request.raw)) return started.send(text)
    request.bodyLease?.release()
    return started.header('content-length', Buffer.byteLength(text)).send(sendBeforeBody(request.raw, text))
  }
}
