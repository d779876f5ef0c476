import type { IncomingHttpHeaders } from 'node:http'
import type { HmacSettings } from '../../contract/hmacSettings.ts'
import type { Failure, Outbound, Scheme, SignedRequest } from '../schemes/scheme.ts'
import type { Locator } from './locator.ts'

/** The answer to a request with which a provider tests the URL. `refused` is there when it failed the test. */
export type HandshakeAnswer = {
  status: number
  headers: Record<string, string>
  body: string
  refused?: Failure
}

/** A request that is answered at once, and starts nothing. */
export type Handshake = {
  /** What is asked and answered, as one sentence of Markdown without its full stop. */
  summary: string
  method: 'GET' | 'POST' | 'OPTIONS'
  /** Whether the provider signs it: then it is answered only after the check of the source. */
  signed: boolean
  /** Undefined when the request is not this handshake. */
  answer(
    request: SignedRequest,
    secrets: readonly string[],
    outbound: Outbound,
  ): HandshakeAnswer | undefined | Promise<HandshakeAnswer | undefined>
}

/** Something that a person fills in. */
export type Field = {
  /** The field of the webhook that holds it. */
  name: 'secrets' | 'hmac'
  label: string
  /** Where the person finds it, as one sentence. */
  hint: string
  required: boolean
  /** Says what is wrong with a value; undefined when nothing is. */
  check?: (value: string) => string | undefined
}

/** A kind of sender: how its requests are verified, and where it says what. All of it is data. */
export type Source = {
  name: string
  title: string
  /** What it is for, as one sentence. */
  about: string
  /** The sender's own description of its webhooks. */
  reference?: string
  scheme: Scheme
  /** Makes the scheme from the field `hmac` of a webhook. Throws an Error that says what is wrong with it. */
  configure?: (settings: HmacSettings) => Scheme
  fields: readonly [Field, ...Field[]]
  /** The name of the event, the id that stays the same when the sender repeats it, and what it is about. */
  event?: Locator
  eventId?: Locator
  object?: Locator
  /**
   * Of an event about a part of the object, such as a comment on an issue, that part; the URL or id under which the
   * sender's API returns it to those who make it.
   */
  part?: Locator
  /** A JSON pointer to the list, when one request carries several events: each becomes a task, by default. */
  batch?: string
  handshakes?: readonly Handshake[]
  /** Decodes what the sender has encoded inside of its JSON. The payload keeps its shape. */
  unpack?: (payload: unknown) => unknown
  /** Headers that may be kept and shown to templates: none that holds a secret or a signature. */
  keptHeaders: readonly string[]
  /** Whether a request comes from this sender, by headers that only it sends, or by the shape of the payload. */
  recognise: (headers: IncomingHttpHeaders, payload: unknown) => boolean
  /** What an operator has to know beside that, in Markdown: a paragraph each. */
  notes?: readonly string[]
  /** What to do at the sender's side, in Markdown. `{url}` stands for the URL of the webhook. */
  setup: readonly string[]
}
