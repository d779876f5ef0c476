import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { MAIN, startProgram, type Program, type ProgramOptions } from './harness/program.ts'
import { waitFor } from './harness/waitFor.ts'

describe.skipIf(process.platform !== 'linux')('serve', { timeout: 60_000 }, () => {
  let program: Program | undefined
  afterEach(async () => {
    await program?.remove()
    program = undefined
  })
  async function start(options: ProgramOptions = {}): Promise<Program> {
    return (program = await startProgram(options))
  }

  it('answers the demo request that it prints, and shows the admin key once', async () => {
    const running = await start()
    expect(running.adminKey).toMatch(/^bw_admin_/)
    expect(running.printed()).toContain(`curl http://localhost:`)
    expect(await askDemo(running)).toMatchObject({ status: 'SUCCESS' })

    expect(await running.stop()).toBe(0)
    await running.start()
    expect(running.printed()).not.toContain('Admin key')
    expect(await running.api('GET', '/api/agents')).toMatchObject({ status: 200 })
    expect(running.logged()).not.toContain(running.adminKey)
    expect(running.logged()).not.toContain(running.demoUrl.split('/').at(-1))
  })

  it('shows the admin key at the first start that gets a port', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const dataDir = await mkdtemp(join(tmpdir(), 'bellwire-e2e-taken-'))
    try {
      const address = other.address()
      const env = {
        PATH: process.env['PATH'],
        PORT: address !== null && typeof address === 'object' ? `${address.port}` : '',
        BELLWIRE_DATA_DIR: dataDir,
      }
      const refused = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
      const printed = refused.stdout.toArray()
      expect([await once(refused, 'close'), await printed]).toEqual([[1, null], []])

      const running = await start({ env: { BELLWIRE_DATA_DIR: dataDir } })
      expect(running.printed()).toContain('Admin key')
      expect(await running.api('GET', '/api/agents')).toMatchObject({ status: 200 })
      expect(await running.stop()).toBe(0)
      await running.start()
      expect(running.printed()).not.toContain('Admin key')
      expect(await running.stop()).toBe(0)
    } finally {
      other.close()
      await program?.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  })

  it('stops everything on SIGTERM, and ignores further signals', async () => {
    const running = await start()
    const [front, worker] = [running.pid(), await running.workerPid()]
    const database = await databasePid(running)
    const stopped = running.stop()
    process.kill(front, 'SIGTERM')
    process.kill(front, 'SIGINT')
    expect(await stopped).toBe(0)
    expect([front, worker, database].filter(isAlive)).toEqual([])
    await expect(reach(running.url)).rejects.toThrow('ECONNREFUSED')
    expect(running.logged()).toContain('"msg":"stopped"')
  })

  it('starts another worker when its worker is killed', async () => {
    const running = await start()
    const first = await running.workerPid()
    process.kill(first, 'SIGKILL')
    await waitFor(() => !isAlive(first), { what: 'the end of the worker' })
    expect(await askDemo(running)).toMatchObject({ status: 'SUCCESS' })
    expect(await running.workerPid()).not.toBe(first)
  })

  it('leaves no worker behind when it is killed; the next start takes over the database', async () => {
    const running = await start()
    const [front, worker] = [running.pid(), await running.workerPid()]
    const database = await databasePid(running)
    process.kill(front, 'SIGKILL')
    await waitFor(() => !isAlive(front) && !isAlive(worker), { what: 'the end of front and worker' })
    expect(isAlive(database)).toBe(true)

    await running.start()
    expect(await databasePid(running)).toBe(database)
    expect(await askDemo(running)).toMatchObject({ status: 'SUCCESS' })
    expect(await running.stop()).toBe(0)
    expect(isAlive(database)).toBe(false)
  })

  it('continues when its database server is killed', async () => {
    const running = await start()
    process.kill(await databasePid(running), 'SIGKILL')
    // Acknowledged tasks end, even if the database is gone when their status is requested.
    const id = await waitFor(() => triggerDemo(running), { deadlineMs: 40_000, what: 'an acknowledgement' })
    const answer = await waitFor(() => endOf(running, id), {
      deadlineMs: 40_000,
      what: 'the end of the task',
    })
    expect(answer).toMatchObject({ status: 'SUCCESS' })
  })
})

/** Triggers the demo agent and waits for its task to end. */
async function askDemo(program: Program): Promise<unknown> {
  return endOf(program, await triggerDemo(program))
}

/** Triggers the demo agent; returns the id of its task. */
async function triggerDemo(program: Program): Promise<string> {
  const trigger = await fetch(program.demoUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"question":"Are you there?"}',
  })
  if (!trigger.ok) throw new Error(`the trigger answered ${trigger.status}`)
  const { task_id: id } = (await trigger.json()) as { task_id: string }
  return id
}

/** The status of a task once it has ended. */
async function endOf(program: Program, id: string): Promise<unknown> {
  const status = await fetch(`${program.url}/api/task_status?task_id=${id}&wait=30`)
  if (!status.ok) throw new Error(`the status answered ${status.status}`)
  return status.json()
}

/** The process id of the database server, from its lock file. */
async function databasePid(program: Program): Promise<number> {
  const text = await readFile(`${program.dataDir}/postgres/cluster/postmaster.pid`, 'utf8')
  return Number(text.split('\n', 1)[0])
}

/** Whether the process runs. One that has exited and was not waited for does not. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z')
  } catch {
    return false
  }
}

function reach(url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
  })
}
