/**
 * An error that the operator must fix before the program can start or continue. The message is one or two sentences:
 * what is wrong, and what to do. It is printed without a stack and contains no secret.
 */
export class ConfigError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'ConfigError'
  }
}
