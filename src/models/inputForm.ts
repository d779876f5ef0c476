import type { Providers, SchemaWithTools } from '../config/config.ts'
import type { ImagePlace } from './images.ts'
import { parseRef } from './providers.ts'
import { seesImages } from './vision.ts'

/** In which form a model gets what is not the same everywhere: an output schema beside tools, and images of tools. */
export type InputForm = { schemaWithTools: SchemaWithTools; images: ImagePlace }

/**
 * Ollama answers with JSON at once when it gets a response format, and calls no tool; vLLM decodes either one or the
 * other; Gemini before version 3 refuses the two together.
 */
const SCHEMA_WITH_TOOLS: Record<keyof Providers, SchemaWithTools> = {
  openai: 'response_format',
  anthropic: 'response_format',
  google: 'prompt',
  local: 'prompt',
}

/** The form for the model of a reference; undefined for `demo`, which gets everything as it is. */
export function inputFormOf(ref: string, providers: Providers): InputForm | undefined {
  const { provider } = parseRef(ref)
  return isProvider(provider) ? formOf(provider, ref, providers) : undefined
}

/** Chat completions have a place for images only in what a user says. */
function formOf(provider: keyof Providers, ref: string, providers: Providers): InputForm {
  const setting = provider === 'local' ? providers.local?.images : undefined
  const sees = setting === undefined ? seesImages(ref) : setting === 'always'
  return {
    schemaWithTools: providers[provider]?.schemaWithTools ?? SCHEMA_WITH_TOOLS[provider],
    images: sees ? (provider === 'local' ? 'message' : 'result') : 'none',
  }
}

function isProvider(name: string): name is keyof Providers {
  return Object.hasOwn(SCHEMA_WITH_TOOLS, name)
}
