import type { FastifyInstance } from 'fastify'

/** Bodies are kept and checked as they were received, whatever their type says. */
export function takeBodiesAsBytes(
  app: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>,
): void {
  app.removeAllContentTypeParsers()
  // The usual type by its name: for types that only '*' matches, Fastify parses the header on each request.
  for (const type of ['application/json', '*']) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  }
}
