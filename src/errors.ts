/**
 * Every error that a caller can meet, in one table: its code, the HTTP status that carries it, a title
 * that says what happened and a hint that says what to do. docs/errors.md lists the same codes.
 */
export const ERRORS = {
  // Requests
  body_invalid: { status: 400, title: 'The body cannot be read', hint: 'Send valid JSON in UTF-8.' },
  query_invalid: { status: 400, title: 'The query string cannot be read', hint: 'Remove NUL characters.' },
  url_invalid: { status: 400, title: 'The URL cannot be read', hint: 'Percent-encode it properly.' },
  request_invalid: { status: 400, title: 'This is not a valid HTTP request', hint: 'Check the client.' },
  request_timeout: {
    status: 408,
    title: 'The request did not arrive completely in time',
    hint: 'Send it again, faster.',
  },
  headers_too_large: { status: 431, title: 'The headers are too large', hint: 'Send fewer or shorter ones.' },
  parameter_missing: { status: 400, title: 'A required parameter is missing', hint: 'Add it.' },
  idempotency_key_too_long: {
    status: 400,
    title: 'The Idempotency-Key is too long',
    hint: 'Use at most 256 characters.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    hint: 'Send less, or raise BELLWIRE_MAX_BODY_BYTES.',
  },
  content_type_unsupported: {
    status: 415,
    title: 'The content type is not supported',
    hint: 'Send Content-Type: application/json.',
  },
  schema_invalid: {
    status: 422,
    title: 'The request does not have the expected form',
    hint: 'Mend the fields that "errors" points at.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    hint: 'See the Allow header.',
  },
  // Access
  unauthenticated: {
    status: 401,
    title: 'A valid API key is needed',
    hint: 'Send Authorization: Bearer KEY.',
  },
  forbidden: {
    status: 403,
    title: 'This key may not do that',
    hint: 'Use a key with the right scope.',
  },
  sign_in_refused: {
    status: 401,
    title: 'This does not sign you in',
    hint: 'A link is good once, for ten minutes: restart Bellwire for a fresh one, or use an admin key.',
  },
  cross_origin: {
    status: 403,
    title: 'The request came from another site',
    hint: "Sign-ins and changes need a page of Bellwire's own, or an API key.",
  },
  link_invalid: {
    status: 403,
    title: 'This link is not valid, or no longer',
    hint: 'Take a fresh link from the trigger answer, or use an API key.',
  },
  // Things that are not there, or not in the right state
  not_found: { status: 404, title: 'There is nothing at this address', hint: 'Check the URL.' },
  webhook_not_found: {
    status: 404,
    title: 'No webhook answers to this URL',
    hint: 'The token is unknown, rotated away or disabled. Copy the URL again from the agent.',
  },
  task_not_found: { status: 404, title: 'No task has this id', hint: 'Use the task_id as it was given.' },
  agent_not_found: { status: 404, title: 'No agent has this id', hint: 'GET /api/agents lists them.' },
  secret_not_found: { status: 404, title: 'No secret has this name', hint: 'GET /api/secrets lists them.' },
  api_key_not_found: { status: 404, title: 'No API key has this id', hint: 'GET /api/api_keys lists them.' },
  price_not_found: {
    status: 404,
    title: 'No price was set for this model',
    hint: 'GET /api/prices lists them; built-in ones cannot be deleted.',
  },
  approval_not_found: {
    status: 404,
    title: 'No approval has this id',
    hint: 'GET /api/approvals lists them.',
  },
  already_decided: {
    status: 409,
    title: 'This call has been decided about already',
    hint: 'The first decision counts; "approval" in the answer has it.',
  },
  conflict: {
    status: 409,
    title: 'This is not possible in the present state',
    hint: 'Read it again and decide anew.',
  },
  // The service itself
  rate_limited: { status: 429, title: 'Too many requests', hint: 'Wait as long as Retry-After says.' },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    hint: 'The log of the server has the reason, under the request id in the answer.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database cannot be reached',
    hint: 'Nothing was accepted. Send it again after Retry-After seconds.',
  },
  not_acknowledged: {
    status: 503,
    title: 'The database did not answer in time',
    hint: 'The task may exist or not. Send it again with the same Idempotency-Key, and it will not run twice.',
  },
  shutting_down: {
    status: 503,
    title: 'The server is stopping',
    hint: 'Nothing was accepted. Send it again in a moment.',
  },
  run_failed: { status: 502, title: 'The run failed', hint: 'See "code" and "detail".' },
  // Runs: these reach the caller as the task's error
  cancelled: {
    status: 502,
    title: 'The task was cancelled',
    hint: 'Send the request again if that was not meant.',
  },
  timed_out: {
    status: 502,
    title: 'The run took longer than its limit',
    hint: 'Raise limits.timeout_seconds or give the agent less to do.',
  },
  step_limit: {
    status: 502,
    title: 'The run used all its steps without an answer',
    hint: 'Raise limits.max_steps, or tell the agent when to stop.',
  },
  token_limit: {
    status: 502,
    title: 'The run used more tokens than it may',
    hint: 'Raise limits.max_total_tokens, or give the agent less to read.',
  },
  cost_limit: {
    status: 502,
    title: 'The run cost more than it may',
    hint: 'Raise limits.max_cost_usd, or choose a cheaper model.',
  },
  output_too_large: {
    status: 502,
    title: 'The model wrote more than it may',
    hint: 'Raise limits.max_output_bytes, or ask for less.',
  },
  answer_memory_exceeded: {
    status: 502,
    title: 'The worker had no memory left for the answer of the model',
    hint: 'Lower limits.max_output_bytes or BELLWIRE_WORKER_CONCURRENCY, or raise BELLWIRE_ANSWER_MEMORY_BYTES.',
  },
  price_unknown: {
    status: 502,
    title: 'What the model costs is not known',
    hint: 'Set its price with PUT /api/prices, or remove the limits on cost.',
  },
  template_failed: {
    status: 502,
    title: 'A template of the agent failed on this payload',
    hint: 'Check the variables that the template uses.',
  },
  provider_auth: {
    status: 502,
    title: 'The model provider refused the key',
    hint: "Set a valid key for the model's provider and restart.",
  },
  provider_not_configured: {
    status: 502,
    title: "The model's provider is not configured",
    hint: "Set the provider's key in the environment and restart.",
  },
  model_not_found: {
    status: 502,
    title: 'The provider does not know this model',
    hint: 'Check the model name of the agent.',
  },
  provider_bad_request: {
    status: 502,
    title: 'The model provider refused the request',
    hint: 'See the detail; usually the model name, a tool schema or an option is not supported.',
  },
  provider_rate_limited: {
    status: 502,
    title: 'The model provider limits the rate',
    hint: "Raise the provider's limit, lower max_concurrent_runs, or try again later.",
  },
  provider_quota_exceeded: {
    status: 502,
    title: 'The account at the model provider is used up',
    hint: "Add credit or raise the account's quota, then replay the task.",
  },
  context_too_long: {
    status: 502,
    title: 'The prompt is too long for the model',
    hint: 'Send less, let tools answer shorter, or choose a model with a larger context.',
  },
  content_refused: {
    status: 502,
    title: 'The model or its provider refused the content',
    hint: 'Look at what was asked; another model may judge differently.',
  },
  model_timed_out: {
    status: 502,
    title: 'The model did not answer in time',
    hint: 'Raise limits.step_timeout_seconds, ask for less, or choose a faster model.',
  },
  provider_unavailable: {
    status: 502,
    title: 'The model provider could not be reached, or failed',
    hint: "Check the provider's status and the network, then replay the task.",
  },
  provider_bad_response: {
    status: 502,
    title: 'The model provider sent an answer that cannot be read',
    hint: 'Check that the base URL speaks the expected protocol.',
  },
  output_invalid: {
    status: 502,
    title: "The model's answer does not match the output schema",
    hint: 'Simplify output_schema or use a stronger model.',
  },
  answer_cut: {
    status: 502,
    title: 'The answer of the model was cut off',
    hint: 'It met its output limit and did not come to an end: ask for less, or choose another model.',
  },
  answer_empty: {
    status: 502,
    title: 'The model gave no answer',
    hint: 'It answered with nothing twice: check the instructions, or choose another model.',
  },
  agent_invalid: {
    status: 502,
    title: 'The agent cannot be run as it was saved',
    hint: 'Save the agent again; the answer says which part is wrong.',
  },
  worker_lost: {
    status: 502,
    title: 'The run was cut off too many times',
    hint: 'Its worker died on every try; look for memory or a crash in the log.',
  },
  run_crashed: {
    status: 502,
    title: 'The run ended on an unexpected error',
    hint: 'The log of the worker has the reason, under the task id.',
  },
} as const satisfies Record<string, { status: number; title: string; hint: string }>

export type ErrorCode = keyof typeof ERRORS

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text)
}

/** One field that does not fit: a JSON pointer into the body, `?name` in the query, `{name}` in the path. */
export type FieldError = { pointer: string; detail: string }

export type ErrorOptions = {
  /** Fields at fault, for `schema_invalid`. */
  errors?: FieldError[]
  /** Seconds after which the caller should try again: becomes `Retry-After`. */
  retryAfter?: number
  headers?: Record<string, string>
  /** Another status than the code's own: a run's error may be one that a request has, too. */
  status?: number
  /** More members of the problem document. */
  extensions?: Record<string, unknown>
  cause?: unknown
}

/**
 * An error that a caller may see. `detail` is one sentence for people; it never holds a secret, a token,
 * SQL or a stack.
 */
export class BellwireError extends Error {
  readonly code: ErrorCode
  readonly options: ErrorOptions

  constructor(code: ErrorCode, detail?: string, options: ErrorOptions = {}) {
    super(detail ?? `${ERRORS[code].title}. ${ERRORS[code].hint}`, { cause: options.cause })
    this.name = 'BellwireError'
    this.code = code
    this.options = options
  }

  get status(): number {
    return this.options.status ?? ERRORS[this.code].status
  }
}
