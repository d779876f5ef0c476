import type { FastifyReply } from 'fastify'

/** Adds the name of a request header to `Vary`, beside those that are there. */
export function vary(reply: Pick<FastifyReply, 'getHeader' | 'header'>, name: string): void {
  const before = reply.getHeader('vary')
  void reply.header('vary', before === undefined ? name : `${String(before)}, ${name}`)
}
