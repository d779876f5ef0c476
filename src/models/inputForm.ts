import type { SchemaWithTools } from '../config/config.ts'
import type { ProviderKind } from '../contract/providerKind.ts'
import type { ImagePlace } from './images.ts'
import type { ProviderSettings } from './providerSettings.ts'
import { parseRef } from './providers.ts'
import { seesImages } from './vision.ts'

/** In which form a model gets what is not the same everywhere: an output schema beside tools, and images of tools. */
export type InputForm = { schemaWithTools: SchemaWithTools; images: ImagePlace }

/**
 * Ollama answers with JSON at once when it gets a response format, and calls no tool; vLLM decodes either one or the
 * other; Gemini before version 3 refuses the two together.
 */
const SCHEMA_WITH_TOOLS: Record<ProviderKind, SchemaWithTools> = {
  openai: 'response_format',
  anthropic: 'response_format',
  google: 'prompt',
  openai_compatible: 'prompt',
}

/** The form for the model of a reference; undefined for `demo`, which gets everything as it is. */
export function inputFormOf(ref: string, providers: readonly ProviderSettings[]): InputForm | undefined {
  const { provider, id } = parseRef(ref)
  const found = providers.find(({ name }) => name === provider)
  return found && formOf(found, id)
}

/** Chat completions have a place for images only in what a user says. */
export function formOf({ kind, schemaWithTools, images }: ProviderSettings, id: string): InputForm {
  const sees = images === undefined ? seesImages(`${kind}/${id}`) : images === 'always'
  return {
    schemaWithTools: schemaWithTools ?? SCHEMA_WITH_TOOLS[kind],
    images: sees ? (kind === 'openai_compatible' ? 'message' : 'result') : 'none',
  }
}
