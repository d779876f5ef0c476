import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
} from 'fastify'
import { serializerCompiler, type FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { Authenticate } from '../auth/authenticate.ts'
import type { Config } from '../config/config.ts'
import { BellwireError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import { noTracer, type Tracer } from '../telemetry/tracing.ts'
import { operatorsOnly } from './plumbing/operatorsOnly.ts'
import { auditRequests, type AuditParts } from './plumbing/audit/auditRequests.ts'
import { answerUnknown } from './problems/answerUnknown.ts'
import { createClientErrorHandler } from './problems/clientError.ts'
import { createBodyMemory } from './bodies/bodyMemory.ts'
import { createCors } from './plumbing/cors.ts'
import { limitBodies } from './bodies/limitBodies.ts'
import { takeJsonBodies } from './bodies/jsonBodies.ts'
import { createKnownPaths } from './problems/knownPaths.ts'
import { describeApi } from './openapi/openapi.ts'
import { originForm } from './plumbing/originForm.ts'
import { repeatedHeader } from './plumbing/repeatedHeader.ts'
import { createRequestIds } from './plumbing/requestId.ts'
import { createRequestLog } from './plumbing/requestLog.ts'
import { SECURITY_HEADERS } from './plumbing/securityHeaders.ts'
import { traceRequests } from './plumbing/requestTraces.ts'
import { createSendProblem } from './problems/sendProblem.ts'
import { declareOutcome } from './plumbing/webhookOutcome.ts'
import { validatorCompiler } from './plumbing/validate.ts'

/** How long requests may take to arrive, in milliseconds. */
export type ArrivalTimes = {
  /** The whole of a request, from its first byte; and of a connection without one, from its start. */
  request: number
  /** Its headers. */
  headers: number
  /** How often Node looks for requests that have exceeded these; by default only every 30 seconds. */
  check: number
  /** How far a large body may be behind the pace that it needs. */
  bodyGrace: number
}

const ARRIVAL_TIMES: ArrivalTimes = { request: 120_000, headers: 60_000, check: 5_000, bodyGrace: 20_000 }

/** Only triggers need larger bodies: the parts of an agent have limits of their own. */
const MAX_ORDINARY_BODY_BYTES = 8 * 1024 * 1024

/** How long a stopping server waits for requests in progress; some wait for a run, or follow one. */
const CLOSE_WITHIN_MS = 10_000

/** Longer than the minute after which proxies close idle connections, so that the proxy closes first. */
const KEEP_ALIVE_MS = 75_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route keeps responding while the server stops. */
    whileClosing?: boolean
    /** Long numbers in the body keep their digits: see ExactNumber. */
    exactNumbers?: boolean
  }
}

export type ServerParts = {
  config: Pick<Config, 'publicUrl' | 'trustedProxies' | 'maxBodyBytes' | 'maxBodyMemoryBytes' | 'corsOrigins'>
  /** The program's version, for the OpenAPI document. */
  version: string
  log: Log
  authenticate: Authenticate
  /** Route groups that need no key, or that check it themselves. */
  open: FastifyPluginCallbackZod[]
  /** Route groups for operators: every request needs an admin key or a session, and the role of its route. */
  management: FastifyPluginCallbackZod[]
  /** Answers browsers at addresses that do not exist. */
  sendMissingPage?: (reply: FastifyReply) => void
  /** How changes are recorded; absent: they are not. */
  audit?: Omit<AuditParts, 'log'>
  tracer?: Tracer
  closeWithinMs?: number
  arrivalTimes?: ArrivalTimes
}

/**
 * Builds the HTTP server: what applies to every request is here, the routes are in groups. It does not listen yet;
 * `close()` lets requests in progress finish, for a while, and answers new ones with 503.
 */
export function createServer({
  config,
  version,
  log,
  authenticate,
  open,
  management,
  sendMissingPage,
  audit,
  tracer = noTracer,
  closeWithinMs = CLOSE_WITHIN_MS,
  arrivalTimes = ARRIVAL_TIMES,
}: ServerParts): FastifyInstance {
  const nextId = createRequestIds()
  const paths = createKnownPaths()
  const sendProblem = createSendProblem(log, paths)
  const cors = createCors(config.corsOrigins)
  const logger: FastifyBaseLogger = log
  let closing = false
  let cutOff: NodeJS.Timeout | undefined

  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all requests: the id is in each line that we write.
    childLoggerFactory: () => logger,
    genReqId: nextId,
    requestIdHeader: false,
    trustProxy: config.trustedProxies.length > 0 && [...config.trustedProxies],
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true },
    rewriteUrl: ({ url }) => originForm(url),
    bodyLimit: Math.min(config.maxBodyBytes, MAX_ORDINARY_BODY_BYTES),
    requestTimeout: arrivalTimes.request,
    http: { connectionsCheckingInterval: arrivalTimes.check, headersTimeout: arrivalTimes.headers },
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Fastify's own response would not be a problem document; the hook below sends one.
    return503OnClosing: false,
    clientErrorHandler: createClientErrorHandler(nextId),
    frameworkErrors: (error, request, reply) => {
      void reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id })
      sendProblem(error, request, reply)
    },
  })

  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request, reply) => sendProblem(new BellwireError('not_found'), request, reply))
  takeJsonBodies(app)
  const { maxBodyMemoryBytes: maxBytes, maxBodyBytes: largestBytes } = config
  limitBodies(app, createBodyMemory({ maxBytes, largestBytes }), {
    withinMs: arrivalTimes.request,
    graceMs: arrivalTimes.bodyGrace,
  })

  traceRequests(app, tracer)
  declareOutcome(app)
  app.addHook(
    'onRoute',
    ({ url, method, config: { crossOrigin = false, problemsWithoutStatus = false } = {} }) =>
      paths.add(url, method, { crossOrigin, problemsWithoutStatus }),
  )
  app.addHook('preClose', (done) => {
    closing = true
    cutOff = setTimeout(() => app.server.closeAllConnections(), closeWithinMs)
    done()
  })
  app.addHook('onClose', (_app, done) => {
    clearTimeout(cutOff)
    done()
  })
  // Callbacks, not promises: these two run for every trigger.
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS).header('x-request-id', request.id)
    const repeated = repeatedHeader(request.raw.rawHeaders)
    if (repeated !== undefined) {
      return done(new BellwireError('request_invalid', `The header ${repeated} was sent more than once.`))
    }
    // Before the body is read: whether it is valid does not matter here.
    // Senders that ask whether they may send events are answered by the route.
    const isPlainOptions =
      request.method === 'OPTIONS' && request.headers['webhook-request-origin'] === undefined
    if (request.is404 || isPlainOptions)
      return answerUnknown(request, reply, { paths, cors, sendMissingPage, done })
    const { crossOrigin, whileClosing } = request.routeOptions.config
    if (crossOrigin) cors.share(request, reply)
    const refused = closing && !whileClosing
    done(refused ? new BellwireError('shutting_down', undefined, { retryAfter: 2 }) : undefined)
  })
  const logRequest = createRequestLog(log)
  app.addHook('onResponse', (request, reply, done) => {
    logRequest(request, reply)
    done()
  })

  if (audit) auditRequests(app, { ...audit, log })
  describeApi(app, { publicUrl: config.publicUrl, version })
  for (const group of open) void app.register(group)
  void app.register((scope, _options, done) => {
    operatorsOnly(scope, authenticate)
    for (const group of management) void scope.register(group)
    done()
  })
  return app
}
