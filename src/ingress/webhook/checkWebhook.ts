import type { Reply } from '../../contract/reply.ts'
import { findUnstorable } from '../../contract/storable.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import type { CheckWebhook } from '../../webhooks/webhooks.ts'
import type { CompileSource } from '../sources/compile.ts'
import { compileExpression, compileKey } from './compileExpression.ts'
import { checkRespond } from '../respond/compileRespond.ts'

/** Makes the function that finds what is wrong with the settings of a webhook before they are saved. */
export function createCheckWebhook({
  checkSchema,
  compileSource,
  checkReply,
}: {
  /** Says in a sentence why a JSON Schema cannot be used. */
  checkSchema: (schema: object) => Promise<string | undefined>
  compileSource: CompileSource
  /** Finds what is wrong with a reply; pointers begin with `/reply`. */
  checkReply: (reply: Reply) => Promise<FieldError[]>
}): CheckWebhook {
  return async ({ options, secrets }) => {
    const errors = faultsOf(() => compileSource(options, secrets), '/source')
    errors.push(...faultsOf(() => compileExpression(options.filter, '/filter'), '/filter'))
    errors.push(...faultsOf(() => compileExpression(options.trusted, '/trusted'), '/trusted'))
    for (const name of ['conversation', 'coalesce'] as const) {
      const pointer = `/${name}/key`
      errors.push(...faultsOf(() => compileKey(options[name]?.key, pointer), pointer))
    }
    errors.push(...checkRespond(options.respond))
    if (options.payload_schema) {
      const detail = await checkSchema(options.payload_schema)
      if (detail !== undefined) errors.push({ pointer: '/payload_schema', detail })
    }
    if (options.reply) errors.push(...(await checkReply(options.reply)))
    for (const pointer of findUnstorable(options)) {
      errors.push({
        pointer,
        detail: 'holds the character NUL or half a surrogate pair, which cannot be stored',
      })
    }
    return errors
  }
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
