import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { withoutCredentials } from '../../contract/withoutCredentials.ts'
import type { LinkKind } from '../../telemetry/bearerLinks.ts'
import { hiddenLinks, maskLinks } from './linkMask.ts'
import { mayReadCredentials } from './operators.ts'

/**
 * Removes from all responses of a scope what their reader must not see: credentials that are hard-coded in tools, and
 * the secret parts of links that do more than the reader may do. Many routes show agents, and payloads, steps, results
 * and approvals may contain such links, so this is not left to the routes.
 */
export function maskResponses(scope: FastifyInstance): void {
  scope.addHook('preSerialization', (request, _reply, payload: unknown, done) =>
    done(null, mayReadCredentials(request) ? payload : withoutCredentials(payload)),
  )
  scope.addHook('onSend', (request, _reply, payload: unknown, done) => {
    const hidden = hiddenLinks(request)
    if (hidden.length === 0) done(null, payload)
    else if (typeof payload === 'string') done(null, maskLinks(payload, hidden))
    else if (payload instanceof Readable) done(null, Readable.from(maskLines(payload, hidden)))
    else done(null, payload)
  })
}

/** Masks a stream of text line by line: no link spans two lines. */
async function* maskLines(text: Readable, hidden: readonly LinkKind[]): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of text.setEncoding('utf8') as AsyncIterable<string>) {
    const whole = rest + piece
    const end = whole.lastIndexOf('\n') + 1
    rest = whole.slice(end)
    if (end > 0) yield maskLinks(whole.slice(0, end), hidden)
  }
  if (rest !== '') yield maskLinks(rest, hidden)
}
