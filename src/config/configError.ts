/**
 * Something that the person who runs the program must mend before it can start or go on. The message is
 * one sentence or two: what is wrong, and what to do. It is printed without a stack and holds no secret.
 */
export class ConfigError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'ConfigError'
  }
}
