import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from './configError.ts'
import { deriveSecretKey, readSecretKey, resolveSecretKey } from './secretKey.ts'

describe('resolveSecretKey', () => {
  let dataDir: string
  beforeEach(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'bellwire-key-')), 'data')
  })
  afterEach(() => rm(join(dataDir, '..'), { recursive: true, force: true }))

  it('derives 32 bytes from the configured text, always the same', async () => {
    const key = await resolveSecretKey({ secretKey: 'a text of some length', dataDir })
    expect(key).toHaveLength(32)
    expect(key).toEqual(deriveSecretKey('a text of some length'))
    expect(key).not.toEqual(deriveSecretKey('a text of some lengtH'))
    await expect(stat(dataDir)).rejects.toThrow('ENOENT')
  })

  it('makes a file at first use that only the owner reads, and uses it ever after', async () => {
    const config = { secretKey: undefined, dataDir }
    const keys = await Promise.all(Array.from({ length: 8 }, () => resolveSecretKey(config)))
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
    expect((await stat(join(dataDir, 'secret-key'))).mode & 0o777).toBe(0o600)
    expect(await readdir(dataDir)).toEqual(['secret-key'])
    expect(deriveSecretKey(await readSecretKey(config))).toEqual(keys[0])
  })

  it('refuses a file that was cut off, and leaves it alone', async () => {
    const config = { secretKey: undefined, dataDir }
    await resolveSecretKey(config)
    await writeFile(join(dataDir, 'secret-key'), 'short')
    await expect(resolveSecretKey(config)).rejects.toThrow(ConfigError)
    expect(await readFile(join(dataDir, 'secret-key'), 'utf8')).toBe('short')
  })
})
