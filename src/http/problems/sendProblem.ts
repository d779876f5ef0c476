import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../telemetry/log.ts'
import { toKnownError } from './knownError.ts'
import { logError } from './logError.ts'
import { problemHeaders, toProblem } from './problem.ts'

/** Answers with the problem document of whatever was thrown. What is our fault goes into the log. */
export function createSendProblem(log: Log) {
  return (
    error: unknown,
    request: Pick<FastifyRequest, 'id'>,
    reply: Pick<FastifyReply, 'code'>,
  ): FastifyReply => {
    const known = toKnownError(error)
    if (known.code === 'internal')
      log.error({ request_id: request.id, err: logError(known.options.cause) }, 'request failed')
    if (known.code === 'database_unavailable') {
      log.warn(
        { request_id: request.id, err: logError(known.options.cause) },
        'the database cannot be reached',
      )
    }
    return reply
      .code(known.status)
      .headers(problemHeaders(known))
      .send(JSON.stringify(toProblem(known, request.id)))
  }
}
