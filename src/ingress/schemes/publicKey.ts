import { createPublicKey, verify as verifySignature, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { LRUCache } from 'lru-cache'
import { decode, type Encoding } from './encoding.ts'
import { failure, readHeader, VERIFIED, type Scheme, type Verification } from './scheme.ts'
import { readList } from './signatureHeader.ts'
import { compileSigned } from './signedTemplate.ts'
import { checkAge } from './timestamp.ts'

export type PublicKeyOptions = {
  header: string | readonly string[]
  algorithm: 'Ed25519' | 'ECDSA with SHA-256'
  encoding: Encoding
  prefix?: string
  /** A template as of compileSigned. */
  signed: string
  timestampHeader: string | readonly string[]
  toleranceSeconds?: number
  /** Reads a key as people save it; undefined when it is none. */
  key: (secret: string) => KeyObject | undefined
}

const NO_KEY_VERIFIES = 'a signature that no public key of this webhook verifies'

/** Longer messages are hashed in another thread. */
const LONG_BYTES = 1024 * 1024

const verifyInThread = promisify(verifySignature)

/** {@link verifySignature} of a long message, with one signature and key after the other. */
async function anyVerifies(
  hash: string | null,
  message: Buffer,
  candidates: readonly { bytes: Buffer; key: KeyObject }[],
): Promise<boolean> {
  for (const { bytes, key } of candidates) if (await verifyInThread(hash, message, key, bytes)) return true
  return false
}

/** Reading a key costs more than checking a signature. */
const keys = new LRUCache<string, KeyObject>({ max: 1_000 })

/** A signature that only the sender can make: its receivers have the public key. */
export function publicKey(options: PublicKeyOptions): Scheme {
  const { algorithm, encoding, prefix = '', signed, toleranceSeconds } = options
  const headers = [options.header].flat()
  const timestampHeaders = [options.timestampHeader].flat()
  const [header = ''] = headers
  const [timestampHeader = ''] = timestampHeaders
  const template = compileSigned(signed)
  const what = `${algorithm} signature (${encoding}) over \`${signed}\``
  const expected = `an ${what}, in the header ${header}, that fits the public key of this webhook`
  const hash = algorithm === 'Ed25519' ? null : 'sha256'

  return {
    kind: 'public key',
    summary: `an ${what}, in the header \`${header}\`, the time in \`${timestampHeader}\``,
    verify(request, secrets) {
      const value = readHeader(request.headers, headers)?.value
      if (value === undefined) return failure('signature_missing', expected, `no header ${header}`)
      const timestamp = readHeader(request.headers, timestampHeaders)?.value
      if (timestamp === undefined) {
        return failure('signature_missing', expected, `no header ${timestampHeader}`)
      }
      const built = template.build(request, timestamp)
      if ('missing' in built) return failure('signature_missing', expected, `no header ${built.missing}`)
      const usable = secrets.map((secret) => readKey(secret, options.key)).filter((one) => one !== undefined)
      if (usable.length === 0) return failure('secret_missing', expected, 'no public key is configured')

      const message = Buffer.concat(built.message.map((piece) => Buffer.from(piece)))
      const found = readList(value, prefix).signatures
      if (found.length === 0) {
        return failure('signature_invalid', expected, `nothing in ${header} begins with ${prefix}`)
      }
      const signatures = found.map((text) => decode(text, encoding))
      if (signatures.every((bytes) => bytes === undefined)) {
        return failure('signature_invalid', expected, `a value that is not ${encoding}`)
      }
      const verdict = (isValid: boolean): Verification => {
        if (!isValid) return failure('signature_invalid', expected, NO_KEY_VERIFIES)
        if (toleranceSeconds === undefined) return VERIFIED
        return checkAge(timestamp, { name: timestampHeader, toleranceSeconds, now: request.now }) ?? VERIFIED
      }
      const candidates = signatures
        .filter((bytes) => bytes !== undefined)
        .flatMap((bytes) => usable.map((key) => ({ bytes, key })))
      if (message.length > LONG_BYTES) return anyVerifies(hash, message, candidates).then(verdict)
      return verdict(candidates.some(({ bytes, key }) => verifySignature(hash, message, key, bytes)))
    },
  }
}

function readKey(secret: string, read: PublicKeyOptions['key']): KeyObject | undefined {
  const known = keys.get(secret)
  if (known) return known
  const key = read(secret)
  if (key) keys.set(secret, key)
  return key
}

/** A key of Ed25519 from its 32 bytes. */
export function ed25519Key(bytes: Buffer): KeyObject | undefined {
  if (bytes.length !== 32) return undefined
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  })
}

/** A key of the curve P-256 from its SubjectPublicKeyInfo. */
export function p256Key(bytes: Buffer): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' })
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}
