import type { LanguageModelV4Middleware } from '@ai-sdk/provider'
import { imageMiddleware } from './images.ts'
import type { InputForm } from './inputForm.ts'
import { schemaMiddleware } from './schemaOptions.ts'

/** Brings what a model is sent into its form; without one it stays as it is. */
export function inputMiddleware(form: InputForm | undefined): LanguageModelV4Middleware[] {
  return form ? [imageMiddleware(form.images), schemaMiddleware(form.schemaWithTools)] : []
}
