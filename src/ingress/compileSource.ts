import { BellwireError } from '../errors.ts'
import type { CompileSource } from './joints.ts'

/** Makes the source of a webhook ready. */
export const compileSource: CompileSource = ({ source }) => {
  if (source === 'generic') return { name: source }
  throw new BellwireError('schema_invalid', undefined, {
    errors: [{ pointer: '/source', detail: 'is not a known source' }],
  })
}
