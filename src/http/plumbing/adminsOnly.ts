import type { FastifyInstance } from 'fastify'
import { requireAdmin, type Authenticate } from '../../auth/authenticate.ts'
import { problems } from '../problems/problem.ts'

/** The errors that every route for operators can return. */
const COMMON = problems(401, 403, 429, 500, 503)

/** Restricts a scope to operators, before a body is read, and documents it in the API's description. */
export function adminsOnly(scope: FastifyInstance, authenticate: Authenticate): void {
  scope.addHook('onRequest', async (request) => requireAdmin(await authenticate(request)))
  scope.addHook('onRoute', (route) => {
    const response = route.schema?.response
    route.schema = {
      ...route.schema,
      security: [{ apiKey: [] }, { session: [] }],
      response: { ...COMMON, ...(typeof response === 'object' ? response : {}) },
    }
  })
}
