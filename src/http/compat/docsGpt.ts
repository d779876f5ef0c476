import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { StatusAnswer } from '../../contract/trigger.ts'
import type { Problem } from '../../contract/problem.ts'
import { json } from '../openapi/responses.ts'
import { PROBLEM_TYPE } from '../problems/problem.ts'
import type { Compat } from './compat.ts'
import { DocsGptStatus, showStatus } from './docsGptStatus.ts'

const STATUS = '/api/task_status'
const ErrorAnswer = z.object({ success: z.literal(false), message: z.string() })

const healthRoute: FastifyPluginCallbackZod = (app, _options, done) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/api/health',
    config: { quiet: true, whileClosing: true },
    schema: { hide: true },
    handler: () => ({ status: 'ok' }),
  })
  done()
}

/**
 * Answers as DocsGPT does, read from its source (application/api/user/agents/webhooks.py, sources/upload.py,
 * app.py): the result of a task one level deeper, a failure as text, an unknown task as PENDING, and errors as
 * `success` and `message` alone.
 */
export const docsGpt: Compat = {
  wrap: (group) => (app, _options, done) => {
    app.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, response: describe(route.url, route.schema?.response) }
    })
    // Errors do not come here: they are text already.
    app.addHook<StatusAnswer>('preSerialization', (request, _reply, payload, done) => {
      done(null, isStatus(request) ? showStatus(payload) : payload)
    })
    app.addHook('onSend', (request, reply, payload, done) => {
      const isProblem = typeof payload === 'string' && isProblemType(reply.getHeader('content-type'))
      done(null, isProblem ? showError(JSON.parse(payload), request, reply) : payload)
    })
    void app.register(group)
    done()
  },
  routes: [healthRoute],
}

/** What DocsGPT says where the same thing is wrong; clients may show it, or look for it. */
const MESSAGES: Record<string, string | undefined> = {
  webhook_not_found: 'Agent not found',
  agent_not_found: 'Agent not found',
  idempotency_key_too_long: 'Idempotency-Key exceeds maximum length of 256 characters',
}

/** Fastify adds a charset. */
function isProblemType(type: unknown): boolean {
  return typeof type === 'string' && type.startsWith(PROBLEM_TYPE)
}

function isStatus(request: Pick<FastifyRequest, 'routeOptions'>): boolean {
  return request.routeOptions.url === STATUS
}

/** Makes the error of a problem document; an unknown task is no error, but one that nobody has started. */
function showError(problem: Problem, request: FastifyRequest, reply: FastifyReply): string {
  void reply.type('application/json; charset=utf-8')
  if (isStatus(request) && problem.code === 'task_not_found') {
    void reply.code(200)
    return JSON.stringify({ status: 'PENDING', result: null })
  }
  return JSON.stringify({ success: false, message: messageOf(problem, isStatus(request)) })
}

function messageOf({ code, message }: Problem, isStatusRoute: boolean): string {
  if (code === 'parameter_missing') return isStatusRoute ? 'Task ID is required' : 'ID is required'
  return MESSAGES[code] ?? message
}

/** The same in the description of the API. */
function describe(url: string, response: unknown): Record<string, unknown> {
  const entries = Object.entries(typeof response === 'object' && response !== null ? response : {})
  return Object.fromEntries(
    entries
      .filter(([status]) => !(url === STATUS && status === '404'))
      .map(([status, schema]) => {
        if (Number(status) >= 400) return [status, json('Error', ErrorAnswer)]
        return [status, url === STATUS ? DocsGptStatus : schema]
      }),
  )
}
