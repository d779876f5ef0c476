import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { ConfigError } from '../../config/configError.ts'
import { startEmbedded, type EmbeddedOptions, type EmbeddedPostgres } from './start.ts'

const log = pino({ level: 'silent' })
const root = process.getuid?.() === 0
const windows = process.platform === 'win32'

describe('startEmbedded', { timeout: 60_000 }, () => {
  let home: string
  let dataDir: string
  const servers: EmbeddedPostgres[] = []

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'bw-'))
    await chmod(home, 0o755)
    dataDir = join(home, 'data')
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop()
    await rm(home, { recursive: true, force: true })
  })

  async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
    const server = await startEmbedded({ dataDir, log, settings: { fsync: 'off' }, ...options })
    servers.push(server)
    return server
  }

  it('makes a durable database that only a private socket leads to', async () => {
    const server = await start({ settings: {} })
    expect(server.attached).toBe(false)
    const facts = await query<{ name: string; setting: string }>(
      server.url,
      `select name, setting from pg_settings where name in
        ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'TimeZone', 'server_encoding', 'data_checksums')
       union select 'database', current_database() union select 'collate', datcollate from pg_database where datname = 'bellwire'`,
    )
    expect(Object.fromEntries(facts.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: windows ? '127.0.0.1' : '',
      TimeZone: 'UTC',
      server_encoding: 'UTF8',
      data_checksums: 'on',
      database: 'bellwire',
      collate: 'C',
    })
    if (windows) return
    for (const directory of ['postgres', 'postgres/socket', 'postgres/cluster']) {
      expect((await stat(join(dataDir, directory))).mode & 0o077, directory).toBe(0)
    }
  })

  it('keeps its data over a stop and a start; stopping twice is safe', async () => {
    const first = await start()
    await query(first.url, 'create table kept as select 42 as value')
    await Promise.all([first.stop(), first.stop()])
    await first.stop()
    await expect(query(first.url, 'select 1')).rejects.toThrow()

    const second = await start()
    expect(second.attached).toBe(false)
    expect(await query(second.url, 'select value from kept')).toEqual([{ value: 42 }])
  })

  it('outlives a launcher that is killed; the next one attaches and stops it', async () => {
    const launcher = await launch(dataDir)
    await query(launcher.url, 'create table kept as select 42 as value')
    await launcher.kill()
    expect(await query(launcher.url, 'select value from kept')).toEqual([{ value: 42 }])

    const server = await start()
    expect(server).toMatchObject({ attached: true, url: launcher.url })
    await server.stop()
    await expect(query(launcher.url, 'select 1')).rejects.toThrow()
    expect(await readdir(join(dataDir, 'postgres/cluster'))).not.toContain('postmaster.pid')
  })

  it('refuses a second launcher in one sentence, and leaves the first alone', async () => {
    const launcher = await launch(dataDir)
    try {
      const refusal = await start().catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(ConfigError)
      expect(String(refusal)).toContain(
        `Another Bellwire (process ${launcher.pid}) already uses the data directory`,
      )
      expect(String(refusal)).toContain(dataDir)
      expect(String(refusal)).toContain('BELLWIRE_DATA_DIR and PORT')
      expect(await query(launcher.url, 'select 1 as one')).toEqual([{ one: 1 }])
    } finally {
      await launcher.kill()
      await start()
    }
  })

  it('waits for a launcher that says that it is about to stop', async () => {
    const first = await start()
    await first.leave()
    const patient = start()
    const refusedAfter = new Promise((resolve) => setTimeout(resolve, 3_000, 'still waiting'))
    expect(await Promise.race([patient, refusedAfter])).toBe('still waiting')
    await first.stop()
    expect(await query((await patient).url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('lets one of many that start at once win', async () => {
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => start()))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(String(result.reason)).toContain('Another Bellwire')
    }
    expect(await query(servers[0]!.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(
      (await readdir(join(dataDir, 'postgres'))).filter((name) => name.startsWith('cluster')),
    ).toHaveLength(1)
  })

  it('starts although the lock file names a process that is another program by now', async () => {
    await (await start()).stop()
    const lines = [process.pid, join(dataDir, 'postgres/cluster'), 1, 5432, '', '', '', 'ready']
    await writeFile(join(dataDir, 'postgres/cluster/postmaster.pid'), lines.join('\n'))
    const server = await start()
    expect(server.attached).toBe(false)
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it.skipIf(windows)('starts although the lock of its socket names another process of its user', async () => {
    await (await start()).stop()
    const { uid, gid } = await stat(join(dataDir, 'postgres'))
    const other = spawn('sleep', ['60'], { stdio: 'ignore', uid, gid })
    try {
      const lines = [other.pid, join(dataDir, 'postgres/cluster'), 1, 5432, '', '', '']
      await writeFile(join(dataDir, 'postgres/socket/.s.PGSQL.5432.lock'), lines.join('\n'), { mode: 0o644 })
      const server = await start()
      expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    } finally {
      other.kill('SIGKILL')
      await once(other, 'exit')
    }
  })

  it('brings a server back that was killed, at the same address', async () => {
    const server = await start()
    await query(server.url, 'create table kept as select 42 as value')
    const before = await postmasterPid()
    process.kill(before, 'SIGKILL')
    const rows = await waitFor(() => query(server.url, 'select value from kept'), { deadlineMs: 30_000 })
    expect(rows).toEqual([{ value: 42 }])
    expect(await postmasterPid()).not.toBe(before)
    await waitFor(
      async () => (await query(server.url, `select from pg_locks where locktype = 'advisory'`)).length > 0,
    )
    await expect(start()).rejects.toThrow('Another Bellwire')
    await server.stop()
    await expect(query(server.url, 'select 1')).rejects.toThrow()
  })

  it.skipIf(windows)('puts the socket elsewhere where its path is too long, and tidies up', async () => {
    dataDir = join(home, 'd'.repeat(100), 'it\'s, a "name" with spaces')
    const server = await start()
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    const socketDir = await readFile(join(dataDir, 'postgres/socket-directory'), 'utf8')
    expect((await stat(socketDir)).mode & 0o777).toBe(0o700)
    await server.stop()
    await expect(stat(socketDir)).rejects.toThrow('ENOENT')
  })

  it('asks for a password where it has to use TCP', async () => {
    const server = await start({ transport: 'tcp' })
    expect(new URL(server.url).hostname).toBe('127.0.0.1')
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    const wrong = new URL(server.url)
    wrong.password = 'guess'
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
    await server.stop()
    const again = await start({ transport: 'tcp' })
    expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('says so when a file is in the way, or its directory cannot be made', async () => {
    await writeFile(dataDir, '')
    await expect(start()).rejects.toThrow(ConfigError)
    await expect(start()).rejects.toThrow(
      `The data directory ${dataDir} cannot be created (${dataDir} is a file)`,
    )
    await rm(dataDir)
    await mkdir(join(dataDir, 'postgres/cluster'), { recursive: true })
    await writeFile(join(dataDir, 'postgres/cluster/other.txt'), 'not of a database')
    await expect(start()).rejects.toThrow(ConfigError)
  })

  it.runIf(process.platform === 'linux')('says so where the system makes no directories', async () => {
    for (dataDir of ['/proc', '/proc/bellwire']) {
      await expect(start()).rejects.toThrow(ConfigError)
      await expect(start()).rejects.toThrow(/cannot be created .*Set BELLWIRE_DATA_DIR/)
    }
  })

  it('says why the server does not start', async () => {
    await (await start()).stop()
    await writeFile(join(dataDir, 'postgres/cluster/local.conf'), "shared_buffers = 'plenty'\n")
    await chmod(join(dataDir, 'postgres/cluster/local.conf'), 0o644)
    await expect(start()).rejects.toThrow(/does not start: .*local\.conf/)
  })

  it('refuses the data of another major version', async () => {
    await (await start()).stop()
    await writeFile(join(dataDir, 'postgres/cluster/PG_VERSION'), '14\n')
    await expect(start()).rejects.toThrow(/is from PostgreSQL 14; .* pg_upgrade/)
  })

  it.runIf(root && process.platform === 'linux')('works where a parent is closed to its user', async () => {
    const closed = join(home, 'closed')
    await mkdir(closed, { mode: 0o700 })
    dataDir = join(closed, 'data')
    const first = await start()
    await query(first.url, 'create table kept as select 42 as value')
    expect(await query(first.url, 'select pg_reload_conf() as done')).toEqual([{ done: true }])
    process.kill(await postmasterPid(), 'SIGKILL')
    const rows = await waitFor(() => query(first.url, 'select value from kept'), { deadlineMs: 30_000 })
    expect(rows).toEqual([{ value: 42 }])
    await first.stop()
    expect((await stat(closed)).mode & 0o777).toBe(0o700)
    expect(await query((await start()).url, 'select value from kept')).toEqual([{ value: 42 }])
  })

  it.runIf(root)('opens the data directory itself for passing through, when root has closed it', async () => {
    await mkdir(dataDir, { mode: 0o700 })
    await (await start()).stop()
    expect((await stat(dataDir)).mode & 0o777).toBe(0o711)
  })

  it.runIf(root)('leaves a closed directory closed that holds things of others', async () => {
    await mkdir(dataDir, { mode: 0o700 })
    await writeFile(join(dataDir, 'notes.txt'), 'mine')
    const server = await start()
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
  })

  async function postmasterPid(): Promise<number> {
    const text = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8')
    return Number(text.split('\n', 1)[0])
  }
})

async function query<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<T>(text)
    return rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** A launcher in a process of its own. */
async function launch(dataDir: string) {
  const child = spawn(process.execPath, ['test/harness/launcher.ts', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const first = await Promise.race([once(lines, 'line'), exited.then(() => undefined)])
  if (first === undefined) throw new Error('the launcher ended before its server was up')
  const { url } = JSON.parse(String(first[0])) as { url: string }
  return {
    url,
    pid: child.pid,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
