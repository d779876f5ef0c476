import { hash } from 'node:crypto'
import type { Trigger } from './trigger.ts'

/** What a key was made of, so that keys of one kind never meet those of another. */
export type KeyKind = keyof typeof KINDS

const KINDS = { idempotency_key: 0, event: 1, rejection: 2, replay: 3, conversation: 4, burst: 5 } as const

/**
 * Makes the key that the same request has again: 128 bits, as a UUID, of SHA-256 over the entrance that it belongs
 * to, its kind and the SHA-256 of its text.
 *
 * @param options.entrance ids of what the key belongs to: the webhook; or the API key and the agent
 * @param options.element of a request that is split, the place of the element
 */
export function dedupeKey({
  entrance,
  kind,
  text,
  element,
}: {
  entrance: readonly string[]
  kind: KeyKind
  text: string
  element?: number | undefined
}): string {
  const named = element === undefined ? text : `${text}\0${element}`
  const scope = entrance.join('').replaceAll('-', '')
  const bytes = Buffer.allocUnsafe(scope.length / 2 + 1 + 32)
  const at = bytes.write(scope, 'hex')
  bytes.writeUInt8(KINDS[kind], at)
  hash('sha256', named, 'buffer').copy(bytes, at + 1)
  const hex = hash('sha256', bytes, 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/**
 * Identifies a payload: 64 bits of its SHA-256, in the form of a PostgreSQL bigint. Computed here unless that was done
 * before.
 */
export function payloadHash({ payload, dedupe }: Pick<Trigger, 'payload' | 'dedupe'>): bigint {
  return dedupe?.payloadHash ?? hashBits(hash('sha256', payload, 'buffer'))
}

/** The bits of a SHA-256 that {@link payloadHash} keeps. */
export function hashBits(sha256: Buffer): bigint {
  return sha256.readBigInt64BE()
}
