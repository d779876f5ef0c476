import type { Call } from './call.ts'
import { curl } from './curl.ts'
import { go } from './go.ts'
import { javascript } from './javascript.ts'
import { python } from './python.ts'

/** The languages that a call can be shown in. */
export const LANGUAGES: { name: string; write: (call: Call, url: string) => string }[] = [
  { name: 'curl', write: curl },
  { name: 'JavaScript', write: javascript },
  { name: 'Python', write: python },
  { name: 'Go', write: go },
]
