import type { Reply, ReplyTo } from '../../contract/reply.ts'
import type { Writing } from '../../tools/templates/liquid.ts'
import type { Answer, Outgoing } from '../exchange.ts'
import type { Judge } from '../providers/verdict.ts'
import type { Mail } from '../providers/mailer.ts'
import { withoutTrailing } from '../../contract/withoutTrailing.ts'

/** Why a reply cannot be sent at all: nothing in the payload says where it goes, a secret is missing. */
export class ReplyError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ReplyError'
  }
}

/** Where a reply goes. It is kept and shown, so it holds no secrets. */
export type Target = Record<string, string | undefined>

/** What the place of a reply is found in. */
export type Origin = {
  payload: unknown
  /** Renders a template of the settings; undefined for an absent one. Rejects with ReplyError for an empty text. */
  render(name: string, template: string | undefined): Promise<string | undefined>
}

/** One message of a reply. Long texts are several. */
export type Message<R extends Reply, T extends Target> = {
  reply: R
  target: T
  text: string
  /** Its number, from 0. */
  index: number
  /** The same on every attempt, and different for each message. */
  key: string
  /** The value of the reply's secret; empty where it needs none. */
  secret: string
  payload: unknown
  /** When the reply was made: no message of it is older. */
  since: Date
}

/** A request, and its URL as it can be shown. */
export type Request = Outgoing & { shownUrl?: string }

/** How replies reach one kind of place. */
export type Preset<R extends Reply = Reply, T extends Target = Target> = {
  to: R['to']
  /** How values are written into its text. */
  writing: Writing
  /** Characters of one message, and how many messages a long text may become; the rest is cut. */
  limit: { characters: number; messages: number }
  /** Finds the place. @throws ReplyError */
  locate(reply: R, origin: Origin): Promise<T>
} & (
  | {
      request(message: Message<R, T>): Request
      judge: Judge
      /** The URLs and ids by which events name the message that was made. */
      made?(answer: Answer, message: Message<R, T>): string[]
      /** Looks whether an earlier attempt, of which no answer came, has made the message. */
      find?: {
        request(message: Message<R, T>): Request
        /** The answer to its creation, as far as the list holds it. */
        match(answer: Answer, message: Message<R, T>): unknown
      }
    }
  | { mail(message: Message<R, T>): Mail }
)

/** Gives a preset the type that the table of all presets has; the settings that it gets are always those of its `to`. */
export function preset<To extends Reply['to'], T extends Target>(of: Preset<ReplyTo<To>, T>): Preset {
  return of
}

/** A request with a JSON body. */
export function jsonRequest(url: string, body: object, headers: Record<string, string> = {}): Request {
  return {
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  }
}

/** A base URL of the settings, to which paths are appended. */
export function baseOf({ base_url: url }: { base_url: string }): string {
  return withoutTrailing(url, '/')
}

/** The place that a preset has found, or the error that says what is missing. */
export function required(value: string | undefined, what: string, field: string): string {
  if (value !== undefined) return value
  throw new ReplyError(`the payload has no ${what}; set ${field} in the reply`)
}
