/** Why an import failed: a field of the tool, and a sentence for the person who saves it. */
export class ImportError extends Error {
  /** A JSON pointer within the tool. */
  readonly pointer: string

  constructor(pointer: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'ImportError'
    this.pointer = pointer
  }
}

/** Maximum characters of all tools from one source, as JSON. They are sent to the model with every call. */
const MAX_SIZE = 1_000_000

/** @throws ImportError when they exceed the limit */
export function refuseLarge(imported: object, pointer: string): void {
  const size = JSON.stringify(imported).length
  if (size <= MAX_SIZE) return
  throw new ImportError(
    pointer,
    `the descriptions of these tools are ${size} characters long; the limit is ${MAX_SIZE}: choose fewer`,
  )
}
