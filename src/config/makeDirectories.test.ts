import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDirectories } from './makeDirectories.ts'

const linux = process.platform === 'linux'

describe('makeDirectories', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'bellwire-make-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  it('makes what is missing, and gives the topmost that it made', async () => {
    expect(await makeDirectories(join(home, 'a', 'b', 'c'), 0o700)).toBe(join(home, 'a'))
    expect((await stat(join(home, 'a', 'b', 'c'))).mode & 0o777).toBe(0o700)
    expect(await makeDirectories(join(home, 'a', 'd'), 0o700)).toBe(join(home, 'a', 'd'))
    expect(await makeDirectories(join(home, 'a', 'd'), 0o700)).toBeUndefined()
  })

  it('is safe when several make the same', async () => {
    const path = join(home, 'a', 'b', 'c')
    await Promise.all(Array.from({ length: 20 }, () => makeDirectories(path, 0o700)))
    expect((await stat(path)).isDirectory()).toBe(true)
  })

  it('follows a link to a directory, and refuses one to nothing', async () => {
    await mkdir(join(home, 'there'))
    await symlink(join(home, 'there'), join(home, 'good'))
    await symlink(join(home, 'nowhere'), join(home, 'bad'))
    await makeDirectories(join(home, 'good', 'a'), 0o700)
    expect((await stat(join(home, 'there', 'a'))).isDirectory()).toBe(true)
    await expect(makeDirectories(join(home, 'bad'), 0o700)).rejects.toThrow('ENOENT')
    await expect(makeDirectories(join(home, 'bad', 'a'), 0o700)).rejects.toThrow('ENOENT')
  })

  it('says that a file is in the way', async () => {
    const file = join(home, 'file')
    await writeFile(file, '')
    await expect(makeDirectories(file, 0o700)).rejects.toThrow(`${file} is a file`)
    await expect(makeDirectories(join(file, 'a'), 0o700)).rejects.toThrow('ENOTDIR')
  })

  it.runIf(linux)('comes back from where nothing can be made', async () => {
    for (const path of ['/proc/bellwire', '/proc/bellwire/a/b'])
      await expect(makeDirectories(path, 0o700)).rejects.toThrow('ENOENT')
  })
})
