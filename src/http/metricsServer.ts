import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import {
  serializerCompiler,
  validatorCompiler,
  type FastifyPluginCallbackZod,
} from 'fastify-type-provider-zod'
import { BellwireError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import { createRequestIds } from './plumbing/requestId.ts'
import { SECURITY_HEADERS } from './plumbing/securityHeaders.ts'
import { createSendProblem } from './problems/sendProblem.ts'

/** A scraper gets its answer within this time, or none: requests under way do not keep a stopping process. */
const REQUEST_TIMEOUT_MS = 10_000

/** Builds the server of `BELLWIRE_METRICS_PORT`: metrics alone, without a key. It does not listen yet. */
export function createMetricsServer({
  log,
  routes,
}: {
  log: Log
  routes: FastifyPluginCallbackZod
}): FastifyInstance {
  const sendProblem = createSendProblem(log)
  const logger: FastifyBaseLogger = log
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: () => logger,
    genReqId: createRequestIds(),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request, reply) => sendProblem(new BellwireError('not_found'), request, reply))
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS).header('x-request-id', request.id)
    done()
  })
  void app.register(routes)
  return app
}
