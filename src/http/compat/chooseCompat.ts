import type { Config } from '../../config/config.ts'
import type { Compat } from './compat.ts'
import { docsGpt } from './docsGpt.ts'

const NONE: Compat = { wrap: (group) => group, routes: [] }

/** @param name of the other server; undefined for our own answers */
export function chooseCompat(name: Config['compat']): Compat {
  return name === 'docsgpt' ? docsGpt : NONE
}
