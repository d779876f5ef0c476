import { errorKind, isUncertain, unavailableDetail } from '../../db/errorKind.ts'
import { BellwireError, type ErrorCode } from '../../errors.ts'

/** Fastify's error codes for errors caused by the caller. */
const BY_FASTIFY_CODE = new Map<string, ErrorCode>([
  ['FST_ERR_BAD_URL', 'url_invalid'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'not_found'],
  ['FST_ERR_NOT_FOUND', 'not_found'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'body_too_large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'content_type_unsupported'],
  ['FST_ERR_ROUTE_MISSING_CONTENT_TYPE', 'content_type_unsupported'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'body_invalid'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'body_invalid'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'body_invalid'],
])

/** For plug-in errors without a known code. */
const BY_STATUS = new Map<number, ErrorCode>([
  [400, 'request_invalid'],
  // The static file server reports this for paths outside of its folder.
  [403, 'not_found'],
  [404, 'not_found'],
  [408, 'request_timeout'],
  [413, 'body_too_large'],
  [415, 'content_type_unsupported'],
  [429, 'rate_limited'],
])

/** Seconds after which a restarting database is usually available again. */
const DATABASE_RETRY_SECONDS = 2

const MAY_BE_DONE =
  'The database connection was lost. The request may or may not have taken effect: check before sending it again.'

/**
 * Maps every error to a Bellwire error. Errors caused neither by the caller nor by an unavailable database become
 * `internal` with the original as cause.
 */
export function toKnownError(error: unknown): BellwireError {
  if (error instanceof BellwireError) return error
  const code = BY_FASTIFY_CODE.get(text(error, 'code')) ?? BY_STATUS.get(Number(text(error, 'statusCode')))
  if (code) return new BellwireError(code, undefined, { cause: error })
  if (errorKind(error) === 'unavailable') {
    return new BellwireError(
      'database_unavailable',
      isUncertain(error) ? MAY_BE_DONE : unavailableDetail(error),
      {
        retryAfter: DATABASE_RETRY_SECONDS,
        cause: error,
      },
    )
  }
  return new BellwireError('internal', undefined, { cause: error })
}

function text(error: unknown, property: 'code' | 'statusCode'): string {
  const value = error instanceof Error && property in error ? Reflect.get(error, property) : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
