import type { Provider } from '../../../api/types.ts'

/** What a form for a well-known provider begins with. */
export type Preset = {
  label: string
  name: string
  kind: Provider['kind']
  /** Absent: the provider's own. */
  baseUrl?: string
  /** A server of one's own needs no key. */
  needsKey: boolean
  /** What a key of it begins with. */
  keyHint?: string
}

/** Public base URLs of hosted providers, and the usual ones of local servers. */
export const PRESETS: readonly Preset[] = [
  { label: 'OpenAI', name: 'openai', kind: 'openai', needsKey: true, keyHint: 'sk-…' },
  { label: 'Anthropic', name: 'anthropic', kind: 'anthropic', needsKey: true, keyHint: 'sk-ant-…' },
  { label: 'Google Gemini', name: 'google', kind: 'google', needsKey: true, keyHint: 'AIza…' },
  compatible('Groq', 'groq', 'https://api.groq.com/openai/v1', 'gsk_…'),
  compatible('Mistral', 'mistral', 'https://api.mistral.ai/v1'),
  compatible('OpenRouter', 'openrouter', 'https://openrouter.ai/api/v1', 'sk-or-…'),
  local('Ollama', 'ollama', 'http://localhost:11434/v1'),
  local('vLLM', 'vllm', 'http://localhost:8000/v1'),
  local('LM Studio', 'lmstudio', 'http://localhost:1234/v1'),
  local('Other, OpenAI-compatible', '', ''),
]

/** The words for each kind. */
export const KINDS: Readonly<Record<Provider['kind'], string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  google: 'Google Gemini',
  openai_compatible: 'OpenAI-compatible',
}

function compatible(label: string, name: string, baseUrl: string, keyHint?: string): Preset {
  const hint = keyHint === undefined ? {} : { keyHint }
  return { label, name, kind: 'openai_compatible', baseUrl, needsKey: true, ...hint }
}

function local(label: string, name: string, baseUrl: string): Preset {
  return { label, name, kind: 'openai_compatible', baseUrl, needsKey: false }
}
