/**
 * All errors that a caller can receive: code, HTTP status, a title that says what happened and a hint that says what to
 * do. docs/errors.md lists the same codes.
 */
export const ERRORS = {
  // Requests
  body_invalid: { status: 400, title: 'The body cannot be read', hint: 'Send valid JSON in UTF-8.' },
  query_invalid: { status: 400, title: 'The query string cannot be read', hint: 'Remove NUL characters.' },
  url_invalid: { status: 400, title: 'The URL cannot be read', hint: 'Percent-encode it properly.' },
  request_invalid: { status: 400, title: 'This is not a valid HTTP request', hint: 'Check the client.' },
  request_timeout: {
    status: 408,
    title: 'The request was not received in time',
    hint: 'Send it again over a faster connection.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    hint: 'Send fewer or shorter headers.',
  },
  parameter_missing: {
    status: 400,
    title: 'A required parameter is missing',
    hint: 'Add the parameters listed in `errors`.',
  },
  idempotency_key_too_long: {
    status: 400,
    title: 'The Idempotency-Key is too long',
    hint: 'Use at most 256 characters.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    hint: 'Send a smaller body, or raise BELLWIRE_MAX_BODY_BYTES.',
  },
  content_type_unsupported: {
    status: 415,
    title: 'The content type is not supported',
    hint: 'Send JSON, with Content-Type: application/json; a webhook also takes forms, text, XML and CloudEvents.',
  },
  content_encoding_unsupported: {
    status: 415,
    title: 'The content encoding is not supported',
    hint: 'Send the body with Content-Encoding: gzip, deflate or br, or without.',
  },
  callback_not_allowed: {
    status: 400,
    title: 'This callback URL is not allowed',
    hint: "Add its host to `hosts` in the webhook's callback.",
  },
  delay_invalid: {
    status: 400,
    title: 'The delay is invalid',
    hint: 'Send X-Bellwire-Delay as seconds or as a time with a time zone, at most 30 days from now.',
  },
  schema_invalid: {
    status: 422,
    title: 'The request does not match the schema',
    hint: 'Fix the fields listed in `errors`.',
  },
  split_failed: {
    status: 422,
    title: 'The payload cannot be split',
    hint: "Send a list where the webhook's `split` expects one, or change `split`.",
  },
  duplicate_mismatch: {
    status: 422,
    title: 'The key was used before with another payload',
    hint: 'Use a new key for a new request; `task_id` is the task of the first one.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed for this URL',
    hint: 'Use a method listed in the Allow header.',
  },
  // Access
  unauthenticated: {
    status: 401,
    title: 'A valid API key is required',
    hint: 'Send Authorization: Bearer KEY.',
  },
  forbidden: {
    status: 403,
    title: 'This API key lacks permission',
    hint: 'Use a key with the required scope.',
  },
  role_insufficient: {
    status: 403,
    title: 'Your role does not allow this',
    hint: 'Ask an owner for the role in `required_role`, or use a key that has it.',
  },
  sign_in_refused: {
    status: 401,
    title: 'Sign-in failed',
    hint: 'Sign-in links work once and expire after ten minutes. Restart Bellwire for a new link, or use an admin key.',
  },
  recent_sign_in_required: {
    status: 403,
    title: 'Sign in again first',
    hint: 'Sign out, sign in again, and retry within 15 minutes.',
  },
  oidc_not_configured: {
    status: 404,
    title: 'Single sign-on is not configured',
    hint: 'Set BELLWIRE_OIDC_ISSUER, BELLWIRE_OIDC_CLIENT_ID and BELLWIRE_OIDC_CLIENT_SECRET.',
  },
  oidc_refused: {
    status: 403,
    title: 'Single sign-on was refused',
    hint: 'Sign in again. If it is still refused, ask an owner.',
  },
  oidc_unavailable: {
    status: 502,
    title: 'The sign-in provider cannot be reached',
    hint: 'Try again in a moment. Owners can check BELLWIRE_OIDC_ISSUER and the server log.',
  },
  cross_origin: {
    status: 403,
    title: 'The request came from another origin',
    hint: 'Make the request from the Bellwire console, or use an API key.',
  },
  link_invalid: {
    status: 403,
    title: 'This link is invalid or has expired',
    hint: 'Use a new link, from the trigger response, the approval or an owner, or an API key.',
  },
  signature_invalid: {
    status: 401,
    title: 'The request failed verification',
    hint: "Sign it with this webhook's secret, as its source does; `reason` names the check that failed.",
  },
  keys_unavailable: {
    status: 503,
    title: "The sender's public keys cannot be fetched",
    hint: 'Nothing was accepted. Send the request again after Retry-After seconds.',
  },
  // Things that are not there, or not in the right state
  not_found: { status: 404, title: 'Not found', hint: 'Check the URL.' },
  webhook_not_found: {
    status: 404,
    title: 'Webhook not found',
    hint: 'The token is unknown, rotated or disabled. Copy the current URL from the agent.',
  },
  webhook_disabled: {
    status: 404,
    title: 'The webhook is disabled',
    hint: 'Enable it, or use the URL of another webhook.',
  },
  webhook_invalid: {
    status: 500,
    title: 'The webhook settings are invalid',
    hint: 'The operator has to save the webhook again; the response lists the invalid fields.',
  },
  callback_not_found: {
    status: 404,
    title: 'The webhook has no callback',
    hint: 'Set one with PUT /api/agents/{id}/webhooks/{webhook_id}/callback.',
  },
  callback_url_not_found: {
    status: 404,
    title: 'Callback URL not found',
    hint: 'Use the URL exactly as the agent gave it to you.',
  },
  callback_url_used: {
    status: 409,
    title: 'This callback URL has already been called',
    hint: 'The first call applies. Each callback URL can be called once.',
  },
  callback_url_ended: {
    status: 410,
    title: 'The task of this callback URL has ended',
    hint: 'Nothing is waiting for this call any more. Do not send it again.',
  },
  notice_channel_not_found: {
    status: 404,
    title: 'Channel not found',
    hint: 'List the channels with GET /api/notices.',
  },
  delivery_not_found: {
    status: 404,
    title: 'Delivery not found',
    hint: 'List deliveries with GET /api/deliveries.',
  },
  schedule_not_found: {
    status: 404,
    title: 'Schedule not found',
    hint: "List the agent's schedules with GET /api/agents/{id}/schedules.",
  },
  task_not_found: { status: 404, title: 'Task not found', hint: 'Check the task_id.' },
  agent_not_found: { status: 404, title: 'Agent not found', hint: 'List agents with GET /api/agents.' },
  revision_not_found: {
    status: 404,
    title: 'Revision not found',
    hint: 'List the revisions of the agent with GET /api/agents/{id}/revisions.',
  },
  rejection_not_found: {
    status: 404,
    title: 'Rejection not found',
    hint: 'List rejections with GET /api/rejections. They are kept for only a few days.',
  },
  secret_not_found: { status: 404, title: 'Secret not found', hint: 'List secrets with GET /api/secrets.' },
  provider_not_found: {
    status: 404,
    title: 'Model provider not found',
    hint: 'List model providers with GET /api/providers.',
  },
  api_key_not_found: {
    status: 404,
    title: 'API key not found',
    hint: 'List API keys with GET /api/api_keys.',
  },
  session_not_found: {
    status: 404,
    title: 'Session not found',
    hint: 'List your sessions with GET /api/sessions. Sessions that have ended are not listed.',
  },
  user_not_found: { status: 404, title: 'User not found', hint: 'List users with GET /api/users.' },
  invitation_not_found: {
    status: 404,
    title: 'Invitation not found',
    hint: 'List invitations with GET /api/invitations. Accepted ones are not listed.',
  },
  email_taken: {
    status: 409,
    title: 'A user with this email address already exists',
    hint: 'Change that user with PATCH /api/users/{id}, or use another address.',
  },
  last_owner: {
    status: 409,
    title: 'This is the last owner',
    hint: 'Make another user an owner first.',
  },
  price_not_found: {
    status: 404,
    title: 'No custom price is set for this model',
    hint: 'List prices with GET /api/prices. Built-in prices cannot be deleted.',
  },
  step_not_found: {
    status: 404,
    title: 'Step not found',
    hint: 'Use a step key from GET /api/tasks/{id}, with its slashes percent-encoded.',
  },
  rehearsal_not_found: {
    status: 404,
    title: 'Rehearsal not found',
    hint: 'List rehearsals with GET /api/agents/{id}/rehearsals.',
  },
  approval_not_found: {
    status: 404,
    title: 'Approval not found',
    hint: 'List approvals with GET /api/approvals.',
  },
  already_decided: {
    status: 409,
    title: 'This call has already been decided',
    hint: 'The first decision applies; see `approval` in the response.',
  },
  task_not_ended: {
    status: 409,
    title: 'The task has not ended',
    hint: 'Cancel it first, with POST /api/tasks/{id}/cancel.',
  },
  provider_in_use: {
    status: 409,
    title: 'This model provider is in use',
    hint: 'Give the agents in `agents` another model, or add ?in_use=delete to delete it anyway.',
  },
  provider_read_only: {
    status: 409,
    title: 'This model provider is set in the environment',
    hint: 'Change the variables in `variables` and restart, or unset them to manage it here.',
  },
  agent_in_use: {
    status: 409,
    title: 'The agent has tasks that have not ended',
    hint: 'Add ?tasks=cancel to cancel them, or ?tasks=finish to let them run.',
  },
  conflict: {
    status: 409,
    title: 'The request conflicts with the current state',
    hint: 'Fetch the latest state and try again.',
  },
  precondition_failed: {
    status: 412,
    title: 'The resource has changed since it was read',
    hint: 'Nothing was changed. Fetch it again, apply your change to the new version, and send its ETag in If-Match.',
  },
  // The service itself
  too_many_followers: {
    status: 429,
    title: 'Too many event streams are open',
    hint: 'Close unused streams, follow each task once, or poll the status. The operator can raise BELLWIRE_MAX_FOLLOWERS_PER_CLIENT.',
  },
  too_many_waiting: {
    status: 429,
    title: 'Too many requests are waiting for a task',
    hint: 'Poll the status without waiting, or use a callback. The operator can raise BELLWIRE_MAX_FOLLOWERS_PER_CLIENT.',
  },
  pending_limited: {
    status: 429,
    title: 'This agent has too many waiting tasks',
    hint: 'Wait for the time given in Retry-After, or raise limits.max_pending_tasks.',
  },
  rate_limited: { status: 429, title: 'Too many requests', hint: 'Wait for the time given in Retry-After.' },
  internal: {
    status: 500,
    title: 'Internal server error',
    hint: 'Look up the request_id in the server log.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database is unavailable',
    hint: 'Nothing was accepted or changed. Retry after the time given in Retry-After.',
  },
  not_acknowledged: {
    status: 503,
    title: 'The database did not respond in time',
    hint: 'The task may or may not have been created. Retry with the same Idempotency-Key; the task will not run twice.',
  },
  overloaded: {
    status: 503,
    title: 'Too many large or costly requests are in progress',
    hint: 'Nothing was accepted. Send it again after Retry-After seconds. For large bodies, raise BELLWIRE_MAX_BODY_MEMORY_BYTES.',
  },
  shutting_down: {
    status: 503,
    title: 'The server is shutting down',
    hint: 'Nothing was accepted or changed. Retry in a moment.',
  },
  run_failed: { status: 502, title: 'The run failed', hint: 'See `code` and `detail`.' },
  // Runs: these reach the caller as the task's error
  cancelled: {
    status: 502,
    title: 'The task was cancelled',
    hint: 'Send the request again if this was not intended.',
  },
  timed_out: {
    status: 502,
    title: 'The run exceeded its time limit',
    hint: 'Raise limits.timeout_seconds, or give the agent less to do.',
  },
  step_limit: {
    status: 502,
    title: 'The run reached its step limit without an answer',
    hint: 'Raise limits.max_steps, or change the instructions so that the agent stops earlier.',
  },
  token_limit: {
    status: 502,
    title: 'The run exceeded its token limit',
    hint: 'Raise limits.max_total_tokens, or reduce the input.',
  },
  cost_limit: {
    status: 502,
    title: 'The run exceeded its cost limit',
    hint: 'Raise limits.max_cost_usd, or choose a cheaper model.',
  },
  output_too_large: {
    status: 502,
    title: 'The model output exceeded its size limit',
    hint: 'Raise limits.max_output_bytes, or ask for a shorter answer.',
  },
  answer_memory_exceeded: {
    status: 502,
    title: "The worker ran out of memory for the model's answer",
    hint: 'Lower limits.max_output_bytes or BELLWIRE_WORKER_CONCURRENCY, or raise BELLWIRE_WORKER_MEMORY_BYTES.',
  },
  price_unknown: {
    status: 502,
    title: "The model's price is unknown",
    hint: 'Set the price with PUT /api/prices, or remove the cost limits.',
  },
  template_failed: {
    status: 502,
    title: 'An agent template failed to render for this payload',
    hint: 'Check the variables used in the template.',
  },
  provider_auth: {
    status: 502,
    title: 'The model provider rejected the API key',
    hint: 'Set a valid key under Settings, Providers, or in the environment.',
  },
  provider_not_configured: {
    status: 502,
    title: 'The model provider is not configured',
    hint: 'Add the provider under Settings, Providers, or set its key in the environment and restart.',
  },
  model_not_found: {
    status: 502,
    title: 'The provider does not have this model',
    hint: "Check the agent's model name.",
  },
  provider_bad_request: {
    status: 502,
    title: 'The model provider rejected the request',
    hint: 'See `detail`. Usually the model name, a tool schema or an option is not supported.',
  },
  provider_rate_limited: {
    status: 502,
    title: "The model provider's rate limit was reached",
    hint: "Raise the provider's rate limit, lower max_concurrent_runs, or try again later.",
  },
  provider_quota_exceeded: {
    status: 502,
    title: "The model provider's quota is used up",
    hint: "Add credit or raise the account's quota, then replay the task.",
  },
  context_too_long: {
    status: 502,
    title: "The prompt exceeds the model's context window",
    hint: 'Send less, shorten tool results, or choose a model with a larger context window.',
  },
  content_refused: {
    status: 502,
    title: 'The model or its provider refused the content',
    hint: 'Review the prompt and payload, or try another model.',
  },
  model_timed_out: {
    status: 502,
    title: 'The model did not respond in time',
    hint: 'Raise limits.step_timeout_seconds, ask for a shorter answer, or choose a faster model.',
  },
  provider_unavailable: {
    status: 502,
    title: 'The model provider is unavailable',
    hint: "Check the provider's status and the network, then replay the task.",
  },
  provider_bad_response: {
    status: 502,
    title: 'The model provider sent an invalid response',
    hint: 'Check that the base URL points to a compatible API.',
  },
  output_invalid: {
    status: 502,
    title: "The model's answer does not match the output schema",
    hint: 'Simplify output_schema, or use a stronger model.',
  },
  answer_cut: {
    status: 502,
    title: "The model's answer was cut off",
    hint: 'It kept reaching its output limit. Ask for a shorter answer, or choose another model.',
  },
  answer_empty: {
    status: 502,
    title: 'The model gave no answer',
    hint: 'It returned an empty answer twice. Check the instructions, or choose another model.',
  },
  agent_invalid: {
    status: 502,
    title: 'The saved agent configuration is invalid',
    hint: 'Save the agent again; the response lists the invalid fields.',
  },
  worker_lost: {
    status: 502,
    title: 'The run lost its worker too many times',
    hint: 'Check the worker log for crashes or out-of-memory errors.',
  },
  run_crashed: {
    status: 502,
    title: 'The run failed with an unexpected error',
    hint: 'Look up the task ID in the worker log.',
  },
} as const satisfies Record<string, { status: number; title: string; hint: string }>

export type ErrorCode = keyof typeof ERRORS

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text)
}

/** One invalid field: a JSON pointer into the body, `?name` in the query, `{name}` in the path. */
export type FieldError = { pointer: string; detail: string }

export type ErrorOptions = {
  /** The invalid fields, for `schema_invalid`. */
  errors?: FieldError[]
  /** Seconds after which the caller should retry: sent as `Retry-After`. */
  retryAfter?: number
  headers?: Record<string, string>
  /** Overrides the status of the code: some run errors share their code with a request error. */
  status?: number
  /** Additional members of the problem document. */
  extensions?: Record<string, unknown>
  cause?: unknown
}

/**
 * An error that is shown to callers. `detail` is one sentence for people; it never contains a secret, a token, SQL or a
 * stack.
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
