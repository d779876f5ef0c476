import type { ErrorCode } from '../../errors.ts'

/** Characters of an error body that are examined. */
const MAX_LOOKED_AT = 20_000

/** How servers say that a prompt exceeds the model's context window. */
const TOO_LONG = [
  'context_length_exceeded',
  'exceed_context_size',
  'ContextWindowExceeded',
  'prompt (?:is )?too long',
  'input is too long',
  'maximum context length',
  'max(?:imum)? (?:model|context) length',
  "(?:model|model's) context (?:length|window|size)",
  'context (?:length|window|size) (?:of only|exceeded|overflow)',
  '(?:exceeds?|exceeded|exceeding|longer than|larger than|greater than) (?:the |its )?(?:available |maximum |max |model )?context',
  'tokens when context the overflows',
  'input token count[^.]{0,60}exceeds',
  '`inputs` (?:tokens \\+|must have less than)',
  'reduce the length of (?:the|your) (?:messages|prompt|input)',
  'too large for model with',
]

/**
 * What providers report beyond the status, which they use for many things: their error codes where they have them,
 * otherwise their messages. OpenAI and Azure, Anthropic, Gemini, Bedrock, Mistral, Groq, vLLM, SGLang, TGI, Ollama, LM
 * Studio, llama.cpp and LiteLLM, in 2026.
 */
const WORDS: [RegExp, ErrorCode][] = [
  [/API_KEY_INVALID|invalid_api_key/, 'provider_auth'],
  [/\bmodel_not_found\b/, 'model_not_found'],
  [
    /insufficient_quota|billing_hard_limit_reached|\bbilling_error\b|credit balance is too low/i,
    'provider_quota_exceeded',
  ],
  [new RegExp(TOO_LONG.join('|'), 'i'), 'context_too_long'],
  [
    /content_policy_violation|\bcontent_filter\b|ResponsibleAIPolicyViolation|\binvalid_prompt\b/,
    'content_refused',
  ],
]

/** Maps the text of an error to a code; undefined when it is not specific. */
export function codeOfWords(words: string | undefined): ErrorCode | undefined {
  if (words === undefined) return undefined
  const text = words.slice(0, MAX_LOOKED_AT)
  return WORDS.find(([pattern]) => pattern.test(text))?.[1]
}

/** The delay that Gemini requests in the body of an error, in milliseconds. */
export function retryDelayOf(body: string | undefined): number | undefined {
  const seconds = /"retryDelay":\s*"(\d+(?:\.\d+)?)s"/.exec(body?.slice(0, MAX_LOOKED_AT) ?? '')?.[1]
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1_000)
}
