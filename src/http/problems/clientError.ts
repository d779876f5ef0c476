import { ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { BellwireError, type ErrorCode } from '../../errors.ts'
import { problemHeaders, toProblem } from './problem.ts'
import { SECURITY_HEADERS } from '../plumbing/securityHeaders.ts'

/** Node's error codes for requests that could not be parsed. */
const CODES: Record<string, ErrorCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
}

/** Answers bytes that are not an HTTP request, and closes the connection. */
export function createClientErrorHandler(nextId: () => string) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const problem = new BellwireError(CODES[error.code ?? ''] ?? 'request_invalid')
    afterResponses(socket, (canAnswer) => {
      if (canAnswer && socket.writable) socket.write(answer(problem, nextId()))
      socket.destroySoon()
    })
  }
}

/**
 * Waits for the responses to the requests before the malformed one, if there are any: the client would take what is
 * sent now for the first of them.
 *
 * @param then gets whether the malformed request can be answered: the response to it may be under way
 */
function afterResponses(socket: Socket, then: (canAnswer: boolean) => void): void {
  const response: unknown = Reflect.get(socket, '_httpMessage')
  if (!(response instanceof ServerResponse) || response.writableFinished) return then(true)
  // It is the body that is malformed.
  if (!response.req.complete) return then(!response.headersSent)
  let isDone = false
  const next = (): void => {
    if (isDone) return
    isDone = true
    // Node hands the connection to the next response first.
    setImmediate(() => {
      if (!socket.destroyed) afterResponses(socket, then)
    })
  }
  response.once('finish', next)
  response.once('close', next)
}

function answer(error: BellwireError, requestId: string): string {
  const body = JSON.stringify(toProblem(error, requestId))
  const headers = {
    ...SECURITY_HEADERS,
    ...problemHeaders(error),
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join('')}\r\n${body}`
}
