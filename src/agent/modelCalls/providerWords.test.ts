import { describe, expect, it } from 'vitest'
import { codeOfWords, retryDelayOf } from './providerWords.ts'

// What providers have been seen to send, shortened.
describe('the words of', () => {
  it.each([
    ['OpenAI, a wrong key', '{"error":{"code":"invalid_api_key"}}', 'provider_auth'],
    ['Gemini, a wrong key', '{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}', 'provider_auth'],
    ['OpenAI, no such model', '{"error":{"code":"model_not_found"}}', 'model_not_found'],
    ['OpenAI, no money', '{"error":{"code":"insufficient_quota"}}', 'provider_quota_exceeded'],
    [
      'Anthropic, no money',
      '{"error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}',
      'provider_quota_exceeded',
    ],
    ['OpenAI, too long', '{"error":{"code":"context_length_exceeded"}}', 'context_too_long'],
    [
      'Anthropic, too long',
      '{"error":{"type":"invalid_request_error","message":"prompt is too long: 215000 tokens > 200000 maximum"}}',
      'context_too_long',
    ],
    [
      'Gemini, too long',
      '{"error":{"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."}}',
      'context_too_long',
    ],
    [
      'vLLM, too long',
      `{"message":"This model's maximum context length is 4096 tokens."}`,
      'context_too_long',
    ],
    [
      'llama.cpp, too long',
      '{"error":{"type":"exceed_context_size_error","message":"the request exceeds the available context size"}}',
      'context_too_long',
    ],
    ...[
      ['Ollama', 'prompt too long; exceeded max context length by 512 tokens'],
      ['Ollama, embedding the prompt', 'the input length exceeds the context length'],
      ['vLLM, newer', 'The decoder prompt (length 5000) is longer than the maximum model length of 4096.'],
      ['SGLang', "The input (5000 tokens) is longer than the model's context length (4096 tokens)."],
      [
        'SGLang, with the answer',
        "Requested token count exceeds the model's maximum context length of 4096 tokens.",
      ],
      ['LiteLLM', 'litellm.ContextWindowExceededError: litellm.BadRequestError: too long'],
      ['Groq', 'Please reduce the length of the messages or completion.'],
      ['Bedrock', 'Input is too long for requested model.'],
      [
        'Bedrock, with the answer',
        'input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000',
      ],
      [
        'LM Studio',
        'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with ' +
          'context length of only 4096 tokens, which is not enough.',
      ],
      [
        'LM Studio, keeping the prompt',
        'The number of tokens to keep from the initial prompt is greater than the context length.',
      ],
      ['Mistral', 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length'],
      ['OpenAI, responses', 'Your input exceeds the context window of this model.'],
      ['TGI', '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000'],
    ].map(([who, message]): [string, string, string] => [
      `${who}, too long`,
      JSON.stringify({ error: { message } }),
      'context_too_long',
    ]),
    ['a tool that lacks context', '{"error":{"message":"tool context is missing"}}', undefined],
    ['OpenAI, refused', '{"error":{"code":"invalid_prompt"}}', 'content_refused'],
    ['Azure, refused', '{"error":{"code":"content_filter"}}', 'content_refused'],
    ['OpenAI, slower', '{"error":{"code":"rate_limit_exceeded"}}', undefined],
    ['nobody', undefined, undefined],
  ])('%s', (_, body, code) => {
    expect(codeOfWords(body)).toBe(code)
  })
})

it('reads the wait that Gemini asks for', () => {
  expect(retryDelayOf('{"details":[{"@type":"RetryInfo","retryDelay": "34.5s"}]}')).toBe(34_500)
  expect(retryDelayOf('{"retryDelay":"soon"}')).toBeUndefined()
  expect(retryDelayOf(undefined)).toBeUndefined()
})
