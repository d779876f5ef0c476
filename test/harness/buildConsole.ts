import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { waitFor } from './waitFor.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PREPARE = join(ROOT, 'ui/prepare.mjs')
const BUILT = join(ROOT, 'ui/dist')
/** Everything that a build depends on. */
const INPUTS = ['ui', 'src/contract', 'src/errors.ts', 'package.json', 'package-lock.json'].map((path) =>
  join(ROOT, path),
)

/**
 * Builds the console from its sources unless it is up to date, once per test run: a build empties the folder that the
 * programs of other test files serve. The first test file builds it, the others wait.
 */
export async function buildConsole(): Promise<void> {
  const lock = join(inject('runFolder'), 'console')
  const built = join(lock, 'built')
  const isFirst = await mkdir(lock).then(
    () => true,
    () => false,
  )
  if (isFirst) {
    if (!(await isUpToDate())) await promisify(execFile)(process.execPath, [PREPARE])
    await writeFile(built, '')
  } else {
    await waitFor(() => existsSync(built), { deadlineMs: 80_000, what: 'the build of the console' })
  }
}

/** Whether the build is newer than all of its inputs; the time of a folder shows what was removed from it. */
async function isUpToDate(): Promise<boolean> {
  const page = await stat(join(BUILT, 'index.html')).catch(() => undefined)
  if (!page) return false
  for (const input of INPUTS) if ((await newest(input)) >= page.mtimeMs) return false
  return true
}

/** When a file, or anything in a folder, was changed last. */
async function newest(path: string): Promise<number> {
  const { mtimeMs } = await stat(path)
  if (path === BUILT) return 0
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const times = await Promise.all(
    entries.map(async (entry) =>
      entry.isDirectory() ? newest(join(path, entry.name)) : (await stat(join(path, entry.name))).mtimeMs,
    ),
  )
  return Math.max(mtimeMs, ...times)
}
