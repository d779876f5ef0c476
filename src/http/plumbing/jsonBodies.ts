import type { FastifyInstance } from 'fastify'

/**
 * Takes JSON bodies only, under any name that JSON goes by. A body that is empty counts as none: many clients
 * say `application/json` always. `__proto__` and `constructor.prototype` in a body are refused.
 */
export function takeJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  for (const type of ['application/json', /^application\/[\w.-]+\+json\b/]) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (request, body, done) => {
      if (body.length === 0) done(null, undefined)
      else void parse(request, String(body), done)
    })
  }
}
