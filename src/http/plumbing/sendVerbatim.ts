import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Answer } from '../../ingress/outcome.ts'

/** Sends a response as it is, also where a route serializes what it sends. */
export function sendVerbatim(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  const all = { 'x-content-type-options': 'nosniff', ...headers }
  if (status !== 204) return reply.code(status).headers(all).serializer(identity).send(body)
  // Fastify takes the content type out of a 204, and Discord insists on one.
  void reply.code(status).headers(all).hijack()
  reply.raw.writeHead(status, reply.getHeaders() as OutgoingHttpHeaders).end()
  return reply
}

function identity(text: string): string {
  return text
}
