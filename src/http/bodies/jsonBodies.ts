import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseExact } from '../../contract/exactJson.ts'
import { BellwireError } from '../../errors.ts'
import { checkJson } from '../../ingress/payload/checkJson.ts'

/**
 * Accepts JSON bodies only, under any JSON media type. An empty body counts as none: many clients always send
 * `application/json`. `__proto__` and `constructor.prototype` in a body are rejected.
 */
export function takeJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  for (const type of ['application/json', /^application\/[\w.-]+\+json\b/]) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
      if (body.length === 0) return undefined
      const json = (await checkJson(body, MAX_VALUES)).toString('utf8')
      return new Promise((resolve, reject) => {
        void parse(request, json, (error, value) => {
          if (error) reject(poisoned())
          else resolve(request.routeOptions.config.exactNumbers ? parseExact(json) : value)
        })
      })
    })
  }
}

/** Reports every invalid value before the list of errors is truncated. */
const MAX_VALUES = 100_000

function poisoned(): BellwireError {
  return new BellwireError(
    'body_invalid',
    'The body contains a member named "__proto__", or "prototype" in a "constructor": remove it.',
  )
}
