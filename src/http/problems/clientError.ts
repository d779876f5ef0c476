import { STATUS_CODES } from 'node:http'
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
    if (socket.writable)
      socket.write(answer(new BellwireError(CODES[error.code ?? ''] ?? 'request_invalid'), nextId()))
    socket.destroySoon()
  }
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
