import type { IncomingHttpHeaders } from 'node:http'
import type { HmacSettings } from '../../contract/hmacSettings.ts'
import { nearest } from '../../contract/nearest.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import {
  failure,
  type Outbound,
  type Scheme,
  type SignedRequest,
  type Verification,
} from '../schemes/scheme.ts'
import { findSource, SOURCE_NAMES } from './index.ts'
import { locate } from './locator.ts'
import type { Handshake, HandshakeAnswer, Source } from './source.ts'

/** What a source finds in a request: each undefined where there is none. */
export type EventParts = {
  /** What happened, in the words of the sender: `issues.opened`, `charge.dispute.created`. */
  event?: string | undefined
  /** Names this event, the same when it is sent again. */
  eventId?: string | undefined
  /** What the event is about, as a URL or an id: the same for all events about one thing. */
  object?: string | undefined
  /** The part of the object that the event is about, such as a comment: its own URL or id. */
  part?: string | undefined
}

type Answering = (
  request: SignedRequest,
) => HandshakeAnswer | undefined | Promise<HandshakeAnswer | undefined>

/** A source, made ready for one webhook: its secrets and parameters are inside. */
export type CompiledSource = {
  name: string
  /** Absent where nothing is checked: a secret URL alone verifies nobody. */
  verify?: (request: SignedRequest) => Verification | Promise<Verification>
  /** Answers handshakes that the sender does not sign: to be tried before `verify`. Absent where there are none. */
  answerUnsigned?: Answering
  /** Answers handshakes that passed `verify`. Absent where there are none. */
  answerSigned?: Answering
  /** Whether {@link describe} finds anything at all: the payload is not even parsed otherwise. */
  describes: boolean
  describe: (headers: IncomingHttpHeaders, payload: unknown) => EventParts
  /** A JSON pointer to the list, when one request carries several events. */
  batch?: string
  /** Decodes what the sender has encoded inside of its JSON. */
  unpack?: (payload: unknown) => unknown
  /** Names of headers, in lower case, that may be kept beside those of every request. */
  keptHeaders: readonly string[]
}

type SourceOptions = { source: string; hmac?: HmacSettings | undefined }

/** {@link compileSource} with its own `outbound`. */
export type CompileSource = (options: SourceOptions, secrets: readonly string[]) => CompiledSource

/**
 * Makes the source of a webhook ready.
 *
 * A source that needs a secret can be saved without one, because most senders show it only once they have the URL;
 * until it is there, `verify` refuses every request.
 *
 * @throws BellwireError `schema_invalid` that names the fields at fault
 */
export function compileSource(
  options: SourceOptions,
  secrets: readonly string[],
  outbound: Outbound,
): CompiledSource {
  const source = findSource(options.source)
  if (!source) throw invalid({ pointer: '/source', detail: unknownSource(options.source) })
  const { field, scheme } = schemeOf(source, options.hmac)
  const errors = secrets.flatMap((secret, index): FieldError[] => {
    const detail = field?.check?.(secret)
    return detail === undefined ? [] : [{ pointer: `/secrets/${index}`, detail }]
  })
  if (errors.length > 0) throw invalid(...errors)

  const isUnchecked = secrets.length === 0 && !field?.required && options.hmac === undefined
  const handshakes = source.handshakes ?? []
  const unsigned = handshakes.filter(({ signed }) => !signed)
  const signed = handshakes.filter(({ signed }) => signed)
  return {
    name: source.name,
    ...(isUnchecked ? {} : { verify: verifyWith(scheme, secrets, outbound) }),
    ...(unsigned.length === 0 ? {} : { answerUnsigned: answerWith(unsigned, secrets, outbound) }),
    ...(signed.length === 0 ? {} : { answerSigned: answerWith(signed, secrets, outbound) }),
    describes: [source.event, source.eventId, source.object, source.part].some(Boolean),
    describe: (headers, payload) => describe(source, headers, payload),
    ...(source.batch === undefined ? {} : { batch: source.batch }),
    ...(source.unpack === undefined ? {} : { unpack: source.unpack }),
    keptHeaders: source.keptHeaders.map((name) => name.toLowerCase()),
  }
}

function schemeOf(source: Source, settings: HmacSettings | undefined) {
  const field = source.fields.find(({ name }) => name === 'secrets')
  if (settings === undefined) return { field, scheme: source.scheme }
  // A webhook without a source of its own may say how it is signed just as well.
  const configure = source.name === 'generic' ? findSource('hmac')?.configure : source.configure
  if (!configure) {
    const detail = `has no effect with the source ${source.name}, which knows how its requests are signed; use the source hmac, or leave it out`
    throw invalid({ pointer: '/hmac', detail })
  }
  try {
    return { field, scheme: configure(settings) }
  } catch (cause) {
    throw invalid({ pointer: '/hmac', detail: cause instanceof Error ? cause.message : 'is not valid' })
  }
}

function verifyWith(scheme: Scheme, secrets: readonly string[], outbound: Outbound) {
  if (secrets.length > 0) return (request: SignedRequest) => scheme.verify(request, secrets, outbound)
  const refusal = failure(
    'secret_missing',
    'a secret to verify requests with: save it in `secrets` of this webhook',
    'none',
  )
  return () => refusal
}

function answerWith(
  handshakes: readonly Handshake[],
  secrets: readonly string[],
  outbound: Outbound,
): Answering {
  return (request) => {
    for (const { method, answer } of handshakes) {
      if (method !== request.method) continue
      const answered = answer(request, secrets, outbound)
      if (answered) return answered
    }
    return undefined
  }
}

function describe(source: Source, headers: IncomingHttpHeaders, payload: unknown): EventParts {
  const message = { headers, payload }
  return {
    event: locate(source.event, message),
    eventId: locate(source.eventId, message),
    object: locate(source.object, message),
    part: locate(source.part, message),
  }
}

function unknownSource(name: string): string {
  const similar = nearest(name, SOURCE_NAMES)
  return similar === undefined
    ? `is not a known source; use one of ${SOURCE_NAMES.join(', ')}`
    : `is not a known source; did you mean ${similar}?`
}

function invalid(...errors: FieldError[]): BellwireError {
  return new BellwireError('schema_invalid', undefined, { errors })
}
