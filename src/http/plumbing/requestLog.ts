import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../telemetry/log.ts'
import { redactPath } from './redactPath.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requests to this route are logged at debug level only, because monitors send them every few seconds. */
    quiet?: boolean
  }
}

/** Logs one line per request, with the outcome at a webhook: never a token, a query or a body. */
export function createRequestLog(log: Log) {
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const { url, config } = request.routeOptions
    const isAsset = url?.startsWith('/assets/') ?? false
    const level = config.quiet || isAsset ? 'debug' : 'info'
    if (!log.isLevelEnabled(level)) return
    log[level](
      {
        request_id: request.id,
        method: request.method,
        route: url ?? redactPath(request.url),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...request.webhookOutcome,
      },
      'request',
    )
  }
}
