import type { FastifyInstance } from 'fastify'
import { isJsonAtMostDeep } from '../../contract/depth.ts'
import { BellwireError } from '../../errors.ts'

/** Levels of JSON; what walks through more overflows the stack. */
const MAX_LEVELS = 200

/**
 * Takes JSON bodies only, under any name that JSON goes by. A body that is empty counts as none: many clients
 * say `application/json` always. `__proto__` and `constructor.prototype` in a body are refused.
 */
export function takeJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  for (const type of ['application/json', /^application\/[\w.-]+\+json\b/]) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (request, body, done) => {
      const text = String(body)
      if (text === '') done(null, undefined)
      else if (isJsonAtMostDeep(text, MAX_LEVELS)) void parse(request, text, done)
      else {
        const detail = `The JSON is nested more than ${MAX_LEVELS} levels deep.`
        done(new BellwireError('schema_invalid', detail), undefined)
      }
    })
  }
}
