/** An error as it is logged. */
export type LoggedError = {
  type: string
  code?: string
  message: string
  stack?: string
  cause?: LoggedError
}

/** Maximum depth of causes. */
const MAX_DEPTH = 5

/**
 * An error in its logged form: only the fields named here, because libraries attach whole queries, rows and requests to
 * their errors.
 */
export function logError(thrown: unknown, depth = 0): LoggedError {
  if (!(thrown instanceof Error))
    return { type: typeof thrown, message: 'something that is not an Error was thrown' }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
  return {
    type: thrown.name,
    message: thrown.message,
    ...(code === undefined ? {} : { code }),
    ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
    ...(thrown.cause === undefined || depth === MAX_DEPTH
      ? {}
      : { cause: logError(thrown.cause, depth + 1) }),
  }
}
