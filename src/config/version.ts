import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Manifest = z.object({ version: z.string() })

/** The version of this program, from its package.json. */
export function readVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return Manifest.parse(JSON.parse(readFileSync(file, 'utf8'))).version
}
