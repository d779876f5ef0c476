import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../test/harness/waitFor.ts'
import { startWorkerProcess, type WorkerProcess } from './workerProcess.ts'

const program = fileURLToPath(new URL('../../test/harness/fakeWorker.ts', import.meta.url))

describe('startWorkerProcess', () => {
  let directory: string
  let worker: WorkerProcess | undefined

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bellwire-worker-'))
  })
  afterEach(async () => {
    await worker?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  function start(environment: Record<string, string> = {}) {
    worker = startWorkerProcess({
      program,
      environment: { FAKE_WORKER_FILE: join(directory, 'notes'), ...environment },
      graceSeconds: 0,
      log: pino({ level: 'silent' }),
    })
    return worker
  }

  /** What the processes have noted so far: pairs of a word and a process id. */
  async function notes(word: string): Promise<number[]> {
    const text = await readFile(join(directory, 'notes'), 'utf8').catch(() => '')
    return text.split('\n').flatMap((line) => {
      const [noted, pid] = line.split(' ')
      return noted === word ? [Number(pid)] : []
    })
  }
  const nth = (count: number) => waitFor(async () => (await notes('worker'))[count - 1])

  it('runs the program with the argument "worker", and tells it to stop', async () => {
    const running = start()
    const pid = await nth(1)
    await Promise.all([running.stop(), running.stop()])
    expect(await notes('told')).toEqual([pid])
    expect(isAlive(pid)).toBe(false)
  })

  it('starts another one when it is killed', async () => {
    const running = start()
    const first = await nth(1)
    process.kill(first, 'SIGKILL')
    const second = await nth(2)
    expect(second).not.toBe(first)
    await running.stop()
    expect(isAlive(second)).toBe(false)
    expect(await notes('worker')).toEqual([first, second])
  })

  it('goes on trying with one that dies at once, until it is stopped', async () => {
    const running = start({ FAKE_WORKER_DIES: 'yes' })
    await nth(3)
    await running.stop()
    const pids = await notes('worker')
    expect(pids.filter(isAlive)).toEqual([])
    expect(pids.length).toBeLessThan(10)
  })

  it('kills one that does not stop', async () => {
    const running = start({ FAKE_WORKER_STUBBORN: 'yes' })
    const pid = await nth(1)
    await running.stop()
    expect(await notes('told')).toEqual([pid])
    expect(isAlive(pid)).toBe(false)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
