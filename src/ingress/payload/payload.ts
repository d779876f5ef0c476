/** What a request hands to the agent. */
export class Payload {
  /** JSON text in UTF-8. */
  readonly json: Buffer
  #value: { parsed: unknown } | undefined

  /** @param value what the text means, where that is at hand */
  constructor(json: Buffer, value?: { parsed: unknown }) {
    this.json = json
    this.#value = value
  }

  /** The parsed text, for steps that look into it. Parsed once, and only when one does. */
  get value(): unknown {
    this.#value ??= { parsed: JSON.parse(this.json.toString('utf8')) }
    return this.#value.parsed
  }

  /** The payload of a value. */
  static of(value: unknown): Payload {
    return new Payload(Buffer.from(JSON.stringify(value)), { parsed: value })
  }
}
