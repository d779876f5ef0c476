import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { nextTurn } from '../../contract/longJson/turns.ts'
import { equalBytes } from './constantTime.ts'
import { decode, type Encoding } from './encoding.ts'
import {
  failure,
  readHeader,
  VERIFIED,
  type Failure,
  type Scheme,
  type SignedRequest,
  type Verification,
} from './scheme.ts'
import { readList, type SignatureHeader } from './signatureHeader.ts'
import { compileSigned, type Message } from './signedTemplate.ts'
import { checkAge } from './timestamp.ts'

export type HmacAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512'

/** Where the time of signing stands, and how far it may be from now. Without a tolerance it is not checked. */
export type SignedTime = {
  /** One header, or names that the same header has at different senders. */
  header?: string | readonly string[]
  /** For a time that is elsewhere; looked for once the signature is valid. */
  find?: (request: SignedRequest) => string | undefined
  /** What it is called in messages; by default the header. */
  name?: string
  toleranceSeconds?: number
}

export type HmacOptions = {
  /** One header, or names that the same header has at different senders. */
  header: string | readonly string[]
  algorithm: HmacAlgorithm
  encoding: Encoding
  /** What stands before each signature, such as `sha256=`. */
  prefix?: string
  /** Reads the header where it is more than a list of signatures with a prefix. */
  read?: (value: string) => SignatureHeader
  /** What is signed: a template as of compileSigned, or the messages of which any one may be signed. */
  signed: string | { messages: (request: SignedRequest) => Message[]; text: string }
  time?: SignedTime
  /** The key that a secret stands for; undefined when the secret is for something else. */
  key?: (secret: string) => string | Buffer | undefined
}

/**
 * A signature that sender and receiver make with the same secret.
 *
 * @throws Error when `signed` is not a valid template
 */
export function hmac(options: HmacOptions): Scheme {
  const { algorithm, encoding, prefix = '', read = (value) => readList(value, prefix), time } = options
  const headers = namesOf(options.header)
  const timeHeaders = namesOf(time?.header ?? [])
  const build = compileMessages(options.signed)
  const keysOf = rememberKeys(options.key ?? ((secret) => secret))
  const covered = typeof options.signed === 'string' ? `\`${options.signed}\`` : options.signed.text
  const what = `HMAC-${algorithm.toUpperCase().replace('SHA', 'SHA-')} (${encoding}) over ${covered}`
  const after = prefix === '' ? '' : ` after ${prefix}`
  const expected = `an ${what}, in the header ${headers[0]}${after}, made with a secret of this webhook`
  const timeName = time?.name ?? timeHeaders[0] ?? headers[0] ?? ''

  const missing = (name: string): Failure => failure('signature_missing', expected, `no header ${name}`)

  return {
    kind: 'hmac',
    summary: `${what}, in the header \`${headers[0]}\``,
    verify(request, secrets): Verification | Promise<Verification> {
      const header = readHeader(request.headers, headers)
      if (!header) return missing(headers[0] ?? '')
      const { signatures, timestamp: ownTime } = read(header.value)
      const timestamp = ownTime ?? readHeader(request.headers, timeHeaders)?.value
      if (timestamp === undefined && build.usesTimestamp) {
        return timeHeaders.length > 0 && timeHeaders[0] !== headers[0]
          ? missing(timeName)
          : failure('signature_invalid', expected, `no timestamp in the header ${header.name}`)
      }
      if (signatures.length === 0) {
        return failure(
          'signature_invalid',
          expected,
          prefix === ''
            ? `no signature in ${header.name}`
            : `nothing in ${header.name} begins with ${prefix}`,
        )
      }
      const built = build.messages(request, timestamp ?? '')
      if ('missing' in built) return missing(built.missing)

      const keys = keysOf(secrets)
      if (keys.length === 0) {
        return failure('secret_missing', expected, 'no secret of this kind is configured')
      }
      const received = signatures.map((text) => decode(text, encoding))
      const matches = (valid: Buffer): boolean =>
        received.some((bytes) => bytes !== undefined && equalBytes(bytes, valid))
      const verdict = (isValid: boolean): Verification => {
        if (!isValid) return failure('signature_invalid', expected, describe(received, encoding, algorithm))
        if (time?.toleranceSeconds === undefined) return VERIFIED
        const { toleranceSeconds } = time
        const late = checkAge(timestamp ?? time.find?.(request), {
          name: timeName,
          toleranceSeconds,
          now: request.now,
        })
        return late ?? VERIFIED
      }
      if (request.rawBody.length > SLICE_BYTES) {
        return anyInTurns(keys, built.messages, async (one, message) =>
          matches(await digestInTurns(algorithm, one, message)),
        ).then(verdict)
      }
      return verdict(
        keys.some((one) => built.messages.some((message) => matches(digest(algorithm, one, message)))),
      )
    },
  }
}

function namesOf(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names
}

type Build = {
  usesTimestamp: boolean
  messages(request: SignedRequest, timestamp: string): { messages: Message[] } | { missing: string }
}

function compileMessages(signed: HmacOptions['signed']): Build {
  if (typeof signed !== 'string') {
    return { usesTimestamp: false, messages: (request) => ({ messages: signed.messages(request) }) }
  }
  const template = compileSigned(signed)
  return {
    usesTimestamp: template.usesTimestamp,
    messages(request, timestamp) {
      const built = template.build(request, timestamp)
      return 'missing' in built ? built : { messages: [built.message] }
    },
  }
}

/** Makes keys of the secrets of a webhook, once for all of its requests. */
function rememberKeys(key: NonNullable<HmacOptions['key']>): (secrets: readonly string[]) => KeyObject[] {
  const known = new WeakMap<readonly string[], KeyObject[]>()
  return (secrets) => {
    const before = known.get(secrets)
    if (before) return before
    const keys = secrets
      .map(key)
      .filter((one) => one !== undefined)
      .map((one) => createSecretKey(typeof one === 'string' ? Buffer.from(one) : one))
    known.set(secrets, keys)
    return keys
  }
}

/** The HMAC of a message in pieces. */
function digest(algorithm: HmacAlgorithm, key: KeyObject, message: Message): Buffer {
  const mac = createHmac(algorithm, key)
  for (const piece of message) mac.update(piece)
  return mac.digest()
}

/** Bytes that are hashed in one turn of the event loop: less than a few milliseconds of work. */
const SLICE_BYTES = 1024 * 1024

/** {@link digest} of a long message, with turns of the event loop in between. */
async function digestInTurns(algorithm: HmacAlgorithm, key: KeyObject, message: Message): Promise<Buffer> {
  const mac = createHmac(algorithm, key)
  for (const piece of message) {
    if (typeof piece === 'string') mac.update(piece)
    else {
      for (let from = 0; from < piece.length; from += SLICE_BYTES) {
        // Also before the first one: many bodies may end in the same turn.
        await nextTurn()
        mac.update(piece.subarray(from, from + SLICE_BYTES))
      }
    }
  }
  return mac.digest()
}

async function anyInTurns<Key>(
  keys: readonly Key[],
  messages: readonly Message[],
  test: (key: Key, message: Message) => Promise<boolean>,
): Promise<boolean> {
  for (const key of keys) for (const message of messages) if (await test(key, message)) return true
  return false
}

const BYTES: Record<HmacAlgorithm, number> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 }

/** Says what is odd about the signatures that came; what they should have been is for nobody to know. */
function describe(
  received: readonly (Buffer | undefined)[],
  encoding: Encoding,
  algorithm: HmacAlgorithm,
): string {
  if (received.every((bytes) => bytes === undefined)) return `a value that is not ${encoding}`
  const lengths = received.filter((bytes) => bytes !== undefined).map(({ length }) => length)
  if (!lengths.includes(BYTES[algorithm])) {
    return `a signature of ${lengths[0]} bytes; HMAC-${algorithm.toUpperCase()} has ${BYTES[algorithm]}`
  }
  const count = received.length === 1 ? 'a signature' : `${received.length} signatures`
  return `${count} of the right length that no secret of this webhook gives for this request`
}
