import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { readBody, startHttpServer } from '../harness/httpServer.ts'
import { createRandom } from './random.ts'

/** A callback as its receiver saw it. */
export type ReceivedCallback = {
  /** The header `webhook-id`. */
  id: string
  taskId: string
  type: string
  body: string
  /** Its signature matches a secret of one of the webhooks. */
  isSigned: boolean
  /** It was answered with 200. */
  isTaken: boolean
}

/** Receives and records callbacks. It refuses a few at first, and accepts them when they are repeated. */
export type Receiver = {
  url: string
  callbacks: ReceivedCallback[]
  /** The secrets of the webhooks whose callbacks come here. */
  secrets: Set<string>
  stop(): Promise<void>
}

export async function startReceiver(seed: string): Promise<Receiver> {
  const callbacks: ReceivedCallback[] = []
  const secrets = new Set<string>()
  const seen = new Set<string>()

  const server = await startHttpServer(async (request, response) => {
    const body = await readBody(request)
    const id = header(request, 'webhook-id')
    const { type, data } = Object(JSON.parse(body))
    const isTaken = seen.has(id) || !createRandom(`${seed} ${id}`).chance(0.05)
    seen.add(id)
    const isSigned = [...secrets].some((secret) => isSignedWith(secret, request, body))
    callbacks.push({ id, taskId: String(data?.task_id), type: String(type), body, isSigned, isTaken })
    response.writeHead(isTaken ? 200 : 503).end()
  })
  return { url: `${server.origin}/callback`, callbacks, secrets, stop: server.stop }
}

function isSignedWith(secret: string, request: IncomingMessage, body: string): boolean {
  const timestamp = header(request, 'webhook-timestamp')
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false
  const expected = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
    .update(`${header(request, 'webhook-id')}.${timestamp}.${body}`)
    .digest()
  return header(request, 'webhook-signature')
    .split(' ')
    .some((one) => {
      const signature = Buffer.from(one.replace('v1,', ''), 'base64')
      return signature.length === expected.length && timingSafeEqual(signature, expected)
    })
}

function header({ headers }: IncomingMessage, name: string): string {
  return String(headers[name] ?? '')
}
