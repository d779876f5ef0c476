/** Why tools could not be read from where they come from: a field of the tool, and a sentence for who saves it. */
export class ImportError extends Error {
  /** A JSON pointer within the tool. */
  readonly pointer: string

  constructor(pointer: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'ImportError'
    this.pointer = pointer
  }
}

/** Characters that all tools of one place may have together, as JSON. They go to the model with every call. */
const MAX_SIZE = 1_000_000

/** @throws ImportError when there is too much to keep */
export function refuseLarge(imported: object, pointer: string): void {
  const size = JSON.stringify(imported).length
  if (size <= MAX_SIZE) return
  throw new ImportError(
    pointer,
    `the descriptions of these are ${size} characters long, and at most ${MAX_SIZE} are kept: choose fewer`,
  )
}
