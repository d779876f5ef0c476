import { BellwireError, type FieldError } from '../errors.ts'
import type { CheckWebhook } from '../webhooks/webhooks.ts'
import { compileSource } from './compileSource.ts'

/** Makes the function that finds what is wrong with the settings of a webhook before they are saved. */
export function createCheckWebhook(): CheckWebhook {
  return ({ options, secrets }) => Promise.resolve(faultsOf(() => compileSource(options, secrets), '/source'))
}

/** What a part of the settings cannot be made ready for. */
function faultsOf(compile: () => unknown, pointer: string): FieldError[] {
  try {
    compile()
    return []
  } catch (error) {
    if (!(error instanceof BellwireError)) throw error
    return error.options.errors ?? [{ pointer, detail: error.message }]
  }
}
