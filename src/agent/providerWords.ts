import type { ErrorCode } from '../errors.ts'

/** Characters of an error body that are looked at. */
const MAX_LOOKED_AT = 20_000

/**
 * What providers say of an error beyond its status, which they use for many things: their codes where they have
 * some, else their sentences. OpenAI and Azure, Anthropic, Gemini, vLLM and llama.cpp, in early 2026.
 */
const WORDS: [RegExp, ErrorCode][] = [
  [/API_KEY_INVALID|invalid_api_key/, 'provider_auth'],
  [/\bmodel_not_found\b/, 'model_not_found'],
  [
    /insufficient_quota|billing_hard_limit_reached|\bbilling_error\b|credit balance is too low/i,
    'provider_quota_exceeded',
  ],
  [
    /context_length_exceeded|exceed_context_size|prompt is too long|maximum context length|input token count[^.]{0,60}exceeds|exceeds the (?:available |maximum )?context/i,
    'context_too_long',
  ],
  [
    /content_policy_violation|\bcontent_filter\b|ResponsibleAIPolicyViolation|\binvalid_prompt\b/,
    'content_refused',
  ],
]

/** The code that the words of an error stand for; undefined when they say nothing special. */
export function codeOfWords(words: string | undefined): ErrorCode | undefined {
  if (words === undefined) return undefined
  const text = words.slice(0, MAX_LOOKED_AT)
  return WORDS.find(([pattern]) => pattern.test(text))?.[1]
}

/** The wait that Gemini asks for in the body of an error, in milliseconds. */
export function retryDelayOf(body: string | undefined): number | undefined {
  const seconds = /"retryDelay":\s*"(\d+(?:\.\d+)?)s"/.exec(body?.slice(0, MAX_LOOKED_AT) ?? '')?.[1]
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1_000)
}
