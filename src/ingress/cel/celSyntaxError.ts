/** An expression that cannot be used. The message is one line, with the place in the text. */
export class CelSyntaxError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CelSyntaxError'
  }
}
