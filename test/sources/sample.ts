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

/** What the sender signs with, and when; the body if it is not the usual one. */
export type Sending = { secret: string; at: Date; url: string; body?: string }

export type HandshakeSample = {
  /** `secret` is undefined if the sender does not sign it. */
  send: (sending: Sending) => Delivery | Promise<Delivery>
  answer: (sending: Sending) => {
    status: number
    body?: string
    json?: unknown
    headers?: Record<string, string>
  }
}

/** How one sender behaves, written independently of the code under test. */
export type Sample = {
  /** Two secrets, as people save them. */
  secrets: [string, string]
  hmac?: HmacSettings
  send: (sending: Sending) => Delivery | Promise<Delivery>
  /** Headers without which nothing can be verified. */
  needs: string[]
  /** Changes the signature of a delivery. */
  withSignature: (delivery: Delivery, change: (signature: string) => string) => Delivery
  /** Combines two deliveries that differ only in their signatures into one, if the sender sends several. */
  withBoth?: (one: Delivery, other: Delivery) => Delivery
  /** How far the signing time may be from the current time, in seconds. */
  tolerance?: number
  /** It signs fields of the body, so that spaces between them do not matter. */
  signsFields?: true
  expected: EventParts
  /** How many events its request contains; one by default. */
  events?: number
  handshakes?: HandshakeSample[]
  /** Documents that the check fetches, by URL. */
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

/** For a sender with one signature in a header, after a prefix. */
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
