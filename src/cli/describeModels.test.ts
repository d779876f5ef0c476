import { expect, it } from 'vitest'
import { describeModels } from './describeModels.ts'

const local = { baseUrl: 'http://localhost:11434/v1' }

it('names the providers that are configured, and where the local server is', () => {
  const providers = { openai: { apiKey: 'sk-secret' }, google: { apiKey: 'sk-secret' }, local }
  expect(describeModels(providers, 'openai/gpt-5-mini')).toEqual([
    'openai/…, google/…, local/… (http://localhost:11434/v1), demo/assistant',
  ])
  expect(describeModels({ local }, 'local/qwen3')).toEqual([
    'local/… (http://localhost:11434/v1), demo/assistant',
  ])
})

it('says that the local server lists no model', () => {
  expect(describeModels({ local }, 'demo/assistant')).toEqual([
    'local/… (http://localhost:11434/v1, where no model was found), demo/assistant',
  ])
})

it('says what to set when nothing is configured', () => {
  expect(describeModels({}, 'demo/assistant')).toEqual([
    'demo/assistant only, with canned answers. For a real model start Ollama on this machine,',
    'add a provider in the console under Settings, Providers,',
    'or set OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY or LOCAL_MODEL_BASE_URL, and restart.',
  ])
})

it('names the providers that were added at run time', () => {
  expect(describeModels({ local }, 'local/qwen3', ['groq'])).toEqual([
    'local/… (http://localhost:11434/v1), groq/…, demo/assistant',
  ])
  expect(describeModels({}, 'demo/assistant', ['groq'])).toEqual(['groq/…, demo/assistant'])
})
