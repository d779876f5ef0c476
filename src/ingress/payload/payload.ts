import { BellwireError } from '../../errors.ts'
import { hasMoreValues, mayHaveLongNumber } from './countValues.ts'
import { parseExact, toPlainNumbers } from '../../contract/exactJson.ts'
import type { Attachment } from '../../contract/task.ts'

/** What a request hands to the agent. */
export class Payload {
  /** JSON text in UTF-8. */
  readonly json: Buffer
  /** The files of a form. */
  readonly attachments: readonly Attachment[]
  /** The attributes of a CloudEvent that came in its body, named as the headers that would carry them otherwise. */
  readonly attributes: Readonly<Record<string, string>> | undefined
  /** It is one event of a batch, with an id of its own. */
  readonly isEvent: boolean
  /** Of a batch of CloudEvents: each of them. */
  readonly batch: readonly Payload[] | undefined
  #exact: { value: unknown } | undefined
  #plain: { value: unknown } | undefined

  constructor(
    json: Buffer,
    more: {
      attachments?: readonly Attachment[]
      attributes?: Readonly<Record<string, string>> | undefined
      isEvent?: boolean
      batch?: readonly Payload[] | undefined
    } = NOTHING_MORE,
  ) {
    this.json = json
    this.attachments = more.attachments ?? NONE
    this.attributes = more.attributes
    this.batch = more.batch
    this.isEvent = more.isEvent ?? false
  }

  /**
   * What the text means, with all digits of its numbers. Parsed once, when a step looks into it.
   *
   * @throws BellwireError `body_invalid` when there is so much in it that parsing would hold up other requests
   */
  get exact(): unknown {
    if (!this.#exact) this.checkSize()
    this.#exact ??= { value: parse(this.json) }
    return this.#exact.value
  }

  /** Throws BellwireError `body_invalid` when there are too many values to look into. */
  checkSize(): void {
    if (!hasMoreValues(this.json, MAX_VALUES)) return
    throw new BellwireError(
      'body_invalid',
      `The payload has more than ${MAX_VALUES} values, the most that this webhook can look into.`,
    )
  }

  /** The same with plain numbers, for steps that compare and compute. */
  get value(): unknown {
    this.#plain ??= { value: toPlainNumbers(this.exact) }
    return this.#plain.value
  }

  /** The payload that says a value. */
  static of(value: unknown, more?: ConstructorParameters<typeof Payload>[1]): Payload {
    const payload = new Payload(Buffer.from(JSON.stringify(value)), more)
    payload.#exact = { value }
    return payload
  }
}

/** In long payloads, the search of parseExact for long numbers may take longer than parsing: it reads strings, too. */
function parse(json: Buffer): unknown {
  const text = json.toString('utf8')
  return json.length > LONG_BYTES && !mayHaveLongNumber(json) ? JSON.parse(text) : parseExact(text)
}

const LONG_BYTES = 1024 * 1024

/** Numbers with an exponent take longest to parse: 2 µs each. */
const MAX_VALUES = 100_000

const NONE: readonly Attachment[] = Object.freeze([])
const NOTHING_MORE = Object.freeze({})
