import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/db/database.ts'
import { startEmbedded } from '../../src/db/embedded/start.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the server's administrative database. */
    postgresUrl: string
    /** A database with the whole schema, for cloning. */
    templateDatabase: string
    /** A folder of this test run, deleted at its end. */
    runFolder: string
  }
}

const PREFIX = 'bellwire-test-'
const log = pino({ level: 'silent' })

/** Starts one PostgreSQL server for all tests, with a template that each test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers()
  const dataDir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  const server = await startServer(dataDir)
  const template = openDatabase(server.url, { name: 'test template', onError: () => undefined })
  try {
    await migrateDatabase(template)
  } finally {
    await template.close()
  }
  project.provide('postgresUrl', server.url.replace('/bellwire?', '/postgres?'))
  project.provide('templateDatabase', 'bellwire')
  project.provide('runFolder', dataDir)
  return async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Nothing here is worth waiting for the disk. */
function startServer(dataDir: string) {
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  }
  return startEmbedded({ dataDir, log, settings })
}

/** A test run that was killed leaves its server running: stop it, and remove its data. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    const dataDir = join(tmpdir(), name)
    await startServer(dataDir).then(
      (server) => server.stop(),
      () => undefined,
    )
    await rm(dataDir, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
