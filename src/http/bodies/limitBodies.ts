import { Transform, type Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BellwireError } from '../../errors.ts'
import { keepPace, type BodyPace } from './bodyPace.ts'
import { SMALL_BODY_BYTES, type BodyLease, type BodyMemory } from './bodyMemory.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The memory reserved for the body; undefined if there is no body. */
    bodyLease: BodyLease | undefined
    /** The handler has started, and releases the memory when it has settled. */
    handlerHasBody: boolean
  }
}

/** Seconds after which a client should retry a body that was refused for lack of memory. */
const RETRY_SECONDS = 2

const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Keeps all request bodies within the memory limit: a body that does not fit is refused before it is read, or, when its
 * length was not announced, as soon as it exceeds the memory left. Memory is released when the handler has settled or
 * has called {@link letGoOfBody}, or when the connection closes before the handler has started.
 */
export function limitBodies(app: FastifyInstance, memory: BodyMemory, pace: BodyPace): void {
  app.decorateRequest('bodyLease', undefined)
  app.decorateRequest('handlerHasBody', false)

  app.addHook('preParsing', (request, reply, payload, done) => {
    if (!WITH_BODY.has(request.method)) return done(null, payload)
    const length = bodyLength(request)
    if (length === 0) return done(null, payload)
    const limit = request.routeOptions.bodyLimit
    if (length !== undefined && length > limit) return done(tooLarge(limit))

    const lease = memory.take(length ?? 0)
    if (!lease) return done(overloaded())
    request.bodyLease = lease
    reply.raw.once('close', () => {
      if (!request.handlerHasBody) lease.release()
    })
    if (length !== undefined && length <= SMALL_BODY_BYTES) return done(null, payload)
    const body = collect(payload, length === undefined ? { lease, limit } : { length, pace })
    // Otherwise, a body that was refused before it was read would wait for a reader for as long as the process runs. A
    // body that the client aborted ends with an error anyway.
    reply.raw.once('close', () => {
      if (reply.raw.writableFinished) body.destroy()
    })
    done(null, body)
  })

  app.addHook('onRoute', (route) => {
    if (![route.method].flat().some((method) => WITH_BODY.has(method))) return
    const { handler } = route
    // Not async: saves a promise per request.
    route.handler = function (request, reply) {
      const lease = request.bodyLease
      if (!lease) return handler.call(this, request, reply)
      request.handlerHasBody = true
      const release = () => lease.release()
      let answer: unknown
      try {
        answer = handler.call(this, request, reply)
      } catch (error) {
        release()
        throw error
      }
      if (answer instanceof Promise) answer.then(release, release)
      else release()
      return answer
    }
  })
}

/** Releases the memory of a body, and the body itself, when a handler continues without it. */
export function letGoOfBody(request: Pick<FastifyRequest, 'bodyLease'> & { body: unknown }): void {
  request.body = undefined
  request.bodyLease?.release()
}

/** Whether the announced body is large, or may be. */
export function mayBeLarge(request: Pick<FastifyRequest, 'headers'>): boolean {
  return (bodyLength(request) ?? Infinity) > SMALL_BODY_BYTES
}

/** Content-Length; undefined when it is not given. */
function bodyLength({ headers }: Pick<FastifyRequest, 'headers'>): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined
  return Number(headers['content-length'] ?? 0)
}

type Bounds =
  /** Of a body of unknown length, whose lease grows with it. */
  | { lease: BodyLease; limit: number }
  /** Of one whose length is known, and reserved. */
  | { length: number; pace: BodyPace }

function collect(payload: Readable, bounds: Bounds): Transform {
  const growing = 'lease' in bounds ? bounds : undefined
  let received = 0
  let block = Buffer.allocUnsafeSlow(SMALL_BODY_BYTES)
  let filled = 0
  const stream = new Transform({
    // Chunks may be single bytes, and an object for each would take a hundred times their size.
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length
      if (growing && received > growing.limit) return done(tooLarge(growing.limit))
      if (growing && !growing.lease.grow(chunk.length)) return done(overloaded())
      for (let from = 0; from < chunk.length;) {
        const copied = chunk.copy(block, filled, from)
        from += copied
        filled += copied
        if (filled === block.length) {
          this.push(block)
          block = Buffer.allocUnsafeSlow(SMALL_BODY_BYTES)
          filled = 0
        }
      }
      done()
    },
    flush(done) {
      if (filled > 0) this.push(block.subarray(0, filled))
      done()
    },
  })
  if ('pace' in bounds) keepPace(stream, { bytes: bounds.length, received: () => received }, bounds.pace)
  // Readers have their own listeners. Without a reader, as after a refusal, an error must not end the process.
  stream.on('error', () => undefined)
  payload.on('error', (error) => stream.destroy(error))
  return payload.pipe(stream)
}

function overloaded(): BellwireError {
  return new BellwireError('overloaded', undefined, { retryAfter: RETRY_SECONDS })
}

function tooLarge(limit: number): BellwireError {
  return new BellwireError('body_too_large', `The body is larger than the limit of ${limit} bytes.`)
}
