import { createHmac, type BinaryToTextEncoding } from 'node:crypto'
import type { EventParts } from '../../src/ingress/sources/compile.ts'
import type { HmacSettings } from '../../src/contract/hmacSettings.ts'

/** A request as the sender makes it. */
export type Delivery = {
  method: 'GET' | 'POST' | 'OPTIONS'
  /** Without its question mark. */
  search: string
  headers: Record<string, string>
  body: string
}

/** What the sender signs with, and when; the body where it is not the usual one. */
export type Sending = { secret: string; at: Date; url: string; body?: string }

export type HandshakeSample = {
  /** Undefined `secret` where the sender does not sign it. */
  send: (sending: Sending) => Delivery | Promise<Delivery>
  answer: (sending: Sending) => {
    status: number
    body?: string
    json?: unknown
    headers?: Record<string, string>
  }
}

/** How one sender behaves, written apart from the code that it tests. */
export type Sample = {
  /** Two secrets, as people save them. */
  secrets: [string, string]
  hmac?: HmacSettings
  send: (sending: Sending) => Delivery | Promise<Delivery>
  /** Headers without which nothing can be verified. */
  needs: string[]
  /** Changes the signature of a delivery. */
  withSignature: (delivery: Delivery, change: (signature: string) => string) => Delivery
  /** Makes one delivery of two that differ in their signatures only, where the sender sends several. */
  withBoth?: (one: Delivery, other: Delivery) => Delivery
  /** How far the time of signing may be from now, in seconds. */
  tolerance?: number
  /** It signs fields of the body, so that spaces between them do not count. */
  signsFields?: true
  expected: EventParts
  /** How many events its request carries; one by default. */
  events?: number
  handshakes?: HandshakeSample[]
  /** Documents that the check fetches, by their URL. */
  documents?: (url: string) => string | undefined | Promise<string | undefined>
}

export function post(headers: Record<string, string>, body: string, search = ''): Delivery {
  return { method: 'POST', search, headers: { 'content-type': 'application/json', ...headers }, body }
}

export function mac(
  algorithm: string,
  key: string | Buffer,
  message: string,
  encoding: BinaryToTextEncoding = 'hex',
): string {
  return createHmac(algorithm, key).update(message).digest(encoding)
}

/** For a sender with one signature in a header, behind a prefix. */
export function signatureIn(header: string, prefix = ''): Sample['withSignature'] {
  return (delivery, change) => {
    const value = delivery.headers[header] ?? ''
    if (!value.startsWith(prefix)) throw new Error(`${header} does not begin with ${prefix}`)
    return {
      ...delivery,
      headers: { ...delivery.headers, [header]: prefix + change(value.slice(prefix.length)) },
    }
  }
}

export function seconds(at: Date): string {
  return String(Math.floor(at.getTime() / 1000))
}
