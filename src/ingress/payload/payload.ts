import { BellwireError } from '../../errors.ts'
import { hasMoreValues } from './countValues.ts'
import { hasLongNumber, parseExact, toPlainNumbers } from '../../contract/exactJson.ts'
import type { Attachment } from '../../contract/task.ts'
import { parseLong } from '../../contract/longJson/parseLong.ts'
import { SLICE_BYTES } from '../../contract/longJson/turns.ts'

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
  /** None of its numbers can lose digits. */
  readonly #hasPlainNumbers: boolean
  #exact: { value: unknown } | undefined
  #plain: { value: unknown } | undefined

  constructor(
    json: Buffer,
    more: {
      attachments?: readonly Attachment[]
      attributes?: Readonly<Record<string, string>> | undefined
      isEvent?: boolean
      batch?: readonly Payload[] | undefined
      hasPlainNumbers?: boolean
    } = NOTHING_MORE,
  ) {
    this.json = json
    this.attachments = more.attachments ?? NONE
    this.attributes = more.attributes
    this.batch = more.batch
    this.isEvent = more.isEvent ?? false
    this.#hasPlainNumbers = more.hasPlainNumbers ?? false
  }

  /** Parsing it at once, or converting it, would hold up other requests. */
  get isLong(): boolean {
    return this.json.length > SLICE_BYTES
  }

  /**
   * Parses a long text in slices, before a step reads its values.
   *
   * @throws BellwireError `body_invalid` when there are too many values
   */
  async parse(): Promise<void> {
    this.#exact ??= { value: await parseLong(this.json, { maxValues: MAX_VALUES }) }
  }

  /** Frees the memory of the values; they can be read again. */
  forget(): void {
    this.#exact = undefined
    this.#plain = undefined
  }

  /** What the text means, with all digits of its numbers. Parsed once; long texts by {@link parse} before. */
  get exact(): unknown {
    return (this.#exact ??= this.#parse()).value
  }

  #parse(): { value: unknown } {
    const text = this.json.toString('utf8')
    if (!this.#hasPlainNumbers && hasLongNumber(text)) return { value: parseExact(text) }
    return (this.#plain = { value: JSON.parse(text) })
  }

  /** Throws BellwireError `body_invalid` when there are too many values to look into. */
  async checkSize(): Promise<void> {
    if (!(await hasMoreValues(this.json, MAX_VALUES))) return
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

/** Numbers with an exponent take longest to parse: 2 µs each. */
const MAX_VALUES = 100_000

const NONE: readonly Attachment[] = Object.freeze([])
const NOTHING_MORE = Object.freeze({})
