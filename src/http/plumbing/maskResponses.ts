import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { withoutCredentials } from '../../contract/withoutCredentials.ts'
import type { LinkKind } from '../../telemetry/bearerLinks.ts'
import { hiddenLinks, maskLong } from './linkMask.ts'
import { findOperator, mayReadCredentials } from './operators.ts'

/**
 * Removes from all responses of a scope what their reader must not see: credentials that are hard-coded in tools, and
 * the secret parts of links that do more than the reader may do. Many routes show agents, and payloads, steps, results
 * and approvals may contain such links, so this is not left to the routes.
 */
export function maskResponses(scope: FastifyInstance): void {
  scope.addHook('preSerialization', (request, _reply, payload: unknown, done) =>
    done(null, mayReadCredentials(request) ? payload : withoutCredentials(payload)),
  )
  scope.addHook('onSend', async (request, _reply, payload: unknown) => mask(payload, hiddenLinks(request)))
}

/** Removes links from the responses of a scope where a person with a role reads them; those who have a link need it. */
export function maskForOperators(scope: FastifyInstance): void {
  scope.addHook('onSend', async (request, _reply, payload: unknown) =>
    findOperator(request) ? mask(payload, hiddenLinks(request)) : payload,
  )
}

/** Masks a body. What cannot be masked is not sent. */
async function mask(payload: unknown, hidden: readonly LinkKind[]): Promise<unknown> {
  if (hidden.length === 0 || payload == null) return payload
  if (typeof payload === 'string') return maskWhole(payload, hidden)
  if (Buffer.isBuffer(payload)) return maskWhole(payload.toString('utf8'), hidden)
  if (payload instanceof Readable) return Readable.from(maskLines(payload, hidden))
  throw new Error('A response of this kind cannot be masked: send a string, a Buffer or a Readable.')
}

async function maskWhole(text: string, hidden: readonly LinkKind[]): Promise<string> {
  const pieces: string[] = []
  for await (const piece of maskLong(text, hidden)) pieces.push(piece)
  return pieces.join('')
}

/** Masks a stream of text in pieces of whole lines: no link spans two lines. */
async function* maskLines(text: Readable, hidden: readonly LinkKind[]): AsyncGenerator<string> {
  let rest: string[] = []
  for await (const piece of text.setEncoding('utf8') as AsyncIterable<string>) {
    const end = piece.lastIndexOf('\n') + 1
    if (end > 0) {
      yield* maskLong([...rest, piece.slice(0, end)].join(''), hidden)
      rest = []
    }
    rest.push(piece.slice(end))
  }
  yield* maskLong(rest.join(''), hidden)
}
