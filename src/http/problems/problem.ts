import { STATUS_CODES } from 'node:http'
import { Problem, problemType } from '../../contract/problem.ts'
import { ERRORS, type BellwireError } from '../../errors.ts'

export const PROBLEM_TYPE = 'application/problem+json'

type ProblemResponse = { description: string; content: { [PROBLEM_TYPE]: { schema: typeof Problem } } }

/**
 * The schemas of error responses, for the `response` of a route.
 *
 * @example
 * response: { 200: Agent, ...problems(404, 503) }
 */
export function problems<Status extends number>(...statuses: Status[]): Record<Status, ProblemResponse> {
  const responses: Partial<Record<Status, ProblemResponse>> = {}
  for (const status of statuses) {
    responses[status] = {
      description: STATUS_CODES[status] ?? 'Error',
      content: { [PROBLEM_TYPE]: { schema: Problem } },
    }
  }
  return responses as Record<Status, ProblemResponse>
}

/** The problem document of an error. */
export function toProblem(error: BellwireError, requestId: string): Problem {
  return {
    type: problemType(error.code),
    title: ERRORS[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    success: false,
    message: error.message,
    request_id: requestId,
    ...(error.options.errors ? { errors: error.options.errors } : {}),
    ...error.options.extensions,
  }
}

/** The headers sent with it. */
export function problemHeaders(error: BellwireError): Record<string, string> {
  const { retryAfter, headers } = error.options
  return {
    'content-type': PROBLEM_TYPE,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
    ...headers,
  }
}
