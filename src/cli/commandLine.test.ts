import { execFile, fork } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEmptyDatabase } from '../../test/harness/database.ts'
import { isMigrated } from '../db/migrate.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const SECRET = 'a-secret-key-for-tests'

describe('the command line', { timeout: 60_000 }, () => {
  let cwd: string
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'bellwire-cli-'))
  })
  afterEach(() => rm(cwd, { recursive: true, force: true }))

  /** Runs the program to its end. The environment holds nothing but what is given. */
  function run(args: string[], env: Record<string, string> = {}) {
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { cwd, env: { PATH: process.env['PATH'] ?? '', ...env } }
      const child = execFile(process.execPath, [MAIN, ...args], options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr })
      })
    })
  }

  it.each([
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['--help'], 0, /serve[^]*api[^]*worker[^]*migrate/],
  ])('answers %j', async (args, code, text) => {
    expect(await run(args)).toMatchObject({ code, stdout: expect.stringMatching(text) as string, stderr: '' })
  })

  it.each<[string[], Record<string, string>, string]>([
    [[], { PORT: 'http' }, 'bellwire: PORT must be a whole number'],
    [['serve', 'now'], {}, "too many arguments for 'serve'"],
    [['dance'], {}, 'unknown command \'dance\'\nRun "bellwire --help"'],
    [['serve'], { BELLWIRE_PRT: '1' }, 'bellwire: There is no setting BELLWIRE_PRT'],
    [['serve'], { PORT: 'http' }, 'bellwire: PORT must be a whole number'],
    [
      ['serve'],
      { DATABASE_URI: 'x' },
      'bellwire: There is no setting DATABASE_URI; did you mean DATABASE_URL?',
    ],
    [['worker'], { PORT: 'http' }, 'bellwire: 2 settings are invalid.\n  PORT must'],
    [['api'], {}, 'bellwire: "api" needs DATABASE_URL'],
    [['worker'], {}, 'bellwire: "worker" needs DATABASE_URL'],
    [['migrate'], { DATABASE_URL: 'postgres://db/x' }, 'bellwire: DATABASE_URL requires BELLWIRE_SECRET_KEY'],
  ])('refuses %j with %j', async (args, env, message) => {
    const { code, stdout, stderr } = await run(args, env)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
    expect(await readdir(cwd)).toEqual([])
  })

  it('migrates a database from five processes at once', async () => {
    const database = await createEmptyDatabase()
    try {
      const env = { DATABASE_URL: database.url, BELLWIRE_SECRET_KEY: SECRET }
      const results = await Promise.all(Array.from({ length: 5 }, () => run(['migrate'], env)))
      const expected = { code: 0, stdout: 'The database is up to date.\n' }
      for (const result of results) expect(result, result.stderr).toMatchObject(expected)
      expect(await isMigrated(database.db)).toBe(true)
    } finally {
      await database.drop()
    }
  })

  it('ends a worker whose parent is gone before it has started', async () => {
    const database = await createEmptyDatabase()
    try {
      const env = { DATABASE_URL: database.url, BELLWIRE_SECRET_KEY: SECRET }
      // Holds the program back until the channel has closed.
      const wait = `await new Promise((resolve) => process.once('disconnect', resolve))`
      const execArgv = ['--import', `data:text/javascript,${wait}`]
      const child = fork(MAIN, ['worker'], {
        cwd,
        env,
        execArgv,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      })
      const ended = once(child, 'exit')
      child.disconnect()
      expect(await ended).toEqual([0, null])
    } finally {
      await database.drop()
    }
  })

  it('says in one line why a database cannot be used, without the password', async () => {
    const database = await createEmptyDatabase()
    try {
      const url = database.url
        .replace(/\/test_\w+\?/, '/no_such_database?')
        .replace('user=', 'password=hunter2&user=')
      const { code, stderr } = await run(['migrate'], { DATABASE_URL: url, BELLWIRE_SECRET_KEY: SECRET })
      expect(code).toBe(1)
      expect(stderr).toBe(
        'bellwire: The database cannot be used (database "no_such_database" does not exist). Check DATABASE_URL.\n',
      )
    } finally {
      await database.drop()
    }
  })

  it('says in one line that the database does not encrypt, or that a certificate is missing', async () => {
    // What a PostgreSQL server without certificates answers to a request for encryption.
    const plain = createServer((socket) => socket.once('data', () => socket.end('N'))).listen(0, '127.0.0.1')
    await once(plain, 'listening')
    const address = plain.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    try {
      for (const [query, reason] of [
        ['sslmode=verify-full', 'The server does not support SSL connections'],
        [
          'sslmode=verify-full&sslrootcert=/nowhere.pem',
          "ENOENT: no such file or directory, open '/nowhere.pem'",
        ],
      ]) {
        const url = `postgres://me:hunter2@127.0.0.1:${port}/d?${query}`
        const { code, stderr } = await run(['migrate'], { DATABASE_URL: url, BELLWIRE_SECRET_KEY: SECRET })
        expect(code).toBe(1)
        expect(stderr).toBe(`bellwire: The database cannot be used (${reason}). Check DATABASE_URL.\n`)
      }
    } finally {
      plain.close()
    }
  })

  it('says in one line that the port is taken, before it starts a database or makes a key', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = address !== null && typeof address === 'object' ? `${address.port}` : ''
    try {
      const env = { BELLWIRE_DATA_DIR: join(cwd, 'data'), PORT: port, BELLWIRE_LOG_LEVEL: 'error' }
      const { code, stdout, stderr } = await run(['serve'], env)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toBe(
        `bellwire: Another program is already listening on 127.0.0.1:${port}. Stop it, or set PORT to another number.\n`,
      )
      expect(await readdir(cwd)).toEqual([])
    } finally {
      other.close()
    }
  })
})
