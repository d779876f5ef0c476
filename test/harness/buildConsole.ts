import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { waitFor } from './waitFor.ts'

const PREPARE = fileURLToPath(new URL('../../ui/prepare.mjs', import.meta.url))

/**
 * Builds the console from its sources, once per test run: a build empties the folder that the programs of other test
 * files serve. The first test file builds it, the others wait.
 */
export async function buildConsole(): Promise<void> {
  const lock = join(inject('runFolder'), 'console')
  const built = join(lock, 'built')
  const isFirst = await mkdir(lock).then(
    () => true,
    () => false,
  )
  if (isFirst) {
    await promisify(execFile)(process.execPath, [PREPARE])
    await writeFile(built, '')
  } else {
    await waitFor(() => existsSync(built), { deadlineMs: 80_000, what: 'the build of the console' })
  }
}
