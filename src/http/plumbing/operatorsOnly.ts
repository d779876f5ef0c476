import type { FastifyInstance } from 'fastify'
import type { Authenticate } from '../../auth/authenticate.ts'
import { problems } from '../problems/problem.ts'
import { maskResponses } from './maskResponses.ts'
import { admitOperator } from './operators.ts'

/** The errors that every route for operators can return. */
const COMMON = problems(401, 403, 429, 500, 503)

/**
 * Restricts a scope to operators with the role that a route needs, before a body is read, and documents it. Responses
 * have no link whose holder may do more than this role.
 */
export function operatorsOnly(scope: FastifyInstance, authenticate: Authenticate): void {
  scope.addHook('onRequest', async (request) => void (await admitOperator(request, authenticate)))
  maskResponses(scope)
  scope.addHook('onRoute', (route) => {
    const response = route.schema?.response
    route.schema = {
      ...route.schema,
      security: [{ apiKey: [] }, { session: [] }],
      response: { ...COMMON, ...(typeof response === 'object' ? response : {}) },
    }
  })
}
