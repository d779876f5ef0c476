import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../src/db/database.ts'
import { createTestDatabase } from './harness/database.ts'
import { callTools, fail, say, startModelServer, userText, type ModelServer } from './harness/modelServer.ts'
import { MAIN, startProgram, type Program } from './harness/program.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
const programs: Program[] = []

beforeEach(async () => {
  model = await startModelServer(({ body }) => ({ ...say(`done: ${userText(body)}`), delayMs: 60 }))
})

afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.remove()))
  await model.stop()
})

async function start(env: Record<string, string> = {}): Promise<Program> {
  const program = await startProgram({ env: { LOCAL_MODEL_BASE_URL: model.url, ...env } })
  programs.push(program)
  return program
}

async function createAgent(program: Program, config: Record<string, unknown> = {}): Promise<string> {
  const agent = await program.api('POST', '/api/agents', {
    name: 'Survivor',
    instructions: 'Answer.',
    model: 'local/test',
    ...config,
  })
  expect(agent.status).toBe(201)
  const webhook = await program.api('GET', `/api/agent_webhook?id=${agent.body.id}`)
  return String(webhook.body.webhook_url).replace('localhost', '127.0.0.1')
}

/** Sends a trigger; returns its task id, or undefined if it was not acknowledged. */
async function trigger(url: string, n: number): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question: `n=${n}` }),
    })
    const body: unknown = await response.json()
    if (response.status !== 200 || typeof body !== 'object' || !body || !('task_id' in body)) return undefined
    return String(body.task_id)
  } catch {
    return undefined
  }
}

async function triggerMany(url: string, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let sent = 0; sent < count; sent += 50) {
    const batch = await Promise.all(Array.from({ length: 50 }, (_, index) => trigger(url, sent + index)))
    ids.push(...batch.filter((id) => id !== undefined))
  }
  return ids
}

/** Waits until all tasks have ended, and checks that each of them succeeded, once. */
async function expectAllSucceedOnce(program: Program, ids: string[]): Promise<void> {
  const open = new Set(ids)
  await waitFor(
    async () => {
      for (const id of open) {
        const { body } = await program.api('GET', `/api/task_status?task_id=${id}`)
        if (body.status !== 'SUCCESS' && body.status !== 'FAILURE') return false
        expect(body).toMatchObject({
          status: 'SUCCESS',
          result: { answer: expect.stringContaining('done: n=') },
        })
        open.delete(id)
      }
      return true
    },
    { deadlineMs: 60_000, everyMs: 100, what: `the end of ${ids.length} tasks` },
  )
  for (const id of ids) {
    const { body } = await program.api('GET', `/api/tasks/${id}`)
    const ends = body.attempts.filter((attempt: { outcome: string }) => attempt.outcome === 'succeeded')
    expect(ends, `attempts of ${id}`).toHaveLength(1)
  }
}

describe('a run that kills its worker', () => {
  it('is detected, run alone, and fails; those beside it succeed and are not blamed', async () => {
    await model.stop()
    model = await startModelServer(({ body }) =>
      userText(body).includes('poison')
        ? say('deadly poison')
        : { ...say(`done: ${userText(body)}`), delayMs: 1_500 },
    )
    const program = await start({ NODE_OPTIONS: `--import=${import.meta.resolve('./harness/poison.ts')}` })
    const url = await createAgent(program)
    const ids = await triggerMany(url, 10)
    const poisoned = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'poison' }),
    })
    const { task_id: poison } = (await poisoned.json()) as { task_id: string }
    const failed = await waitFor(
      async () => {
        const { body } = await program.api('GET', `/api/tasks/${poison}`)
        return body.state === 'FAILURE' ? body : undefined
      },
      { deadlineMs: 60_000, everyMs: 200, what: 'the end of the run that kills its worker' },
    )
    expect(failed.error).toMatchObject({
      code: 'worker_lost',
      message: expect.stringContaining('nothing else'),
    })
    expect(failed.attempts).toHaveLength(4)
    await expectAllSucceedOnce(program, ids)
    expect(program.logged()).toContain('running this task alone')
  }, 120_000)
})

describe('kill -9', () => {
  it('of the whole program with 200 running tasks loses none and ends each once', async () => {
    const program = await start({ BELLWIRE_WORKER_CONCURRENCY: '20' })
    const url = await createAgent(program)
    const ids = await triggerMany(url, 200)
    expect(ids).toHaveLength(200)
    await waitFor(() => model.requests.length > 30)
    await program.killAll()
    expect(model.requests.length).toBeLessThan(200)
    await program.start()
    await expectAllSucceedOnce(program, ids)
  }, 120_000)

  it('of only the worker is not noticed at the front door', async () => {
    const program = await start({ BELLWIRE_WORKER_CONCURRENCY: '20' })
    const url = await createAgent(program)
    const ids: (string | undefined)[] = []
    let sending = true
    const senders = Array.from({ length: 4 }, async () => {
      while (sending) {
        ids.push(await trigger(url, ids.length))
        await delay(5)
      }
    })
    for (let round = 0; round < 3; round += 1) {
      const before = model.requests.length
      process.kill(await program.workerPid(), 'SIGKILL')
      await waitFor(() => model.requests.length > before + 20, {
        deadlineMs: 20_000,
        what: 'the work to go on',
      })
    }
    sending = false
    await Promise.all(senders)
    expect(ids.filter((id) => id === undefined)).toEqual([])
    await expectAllSucceedOnce(
      program,
      ids.filter((id) => id !== undefined),
    )
  }, 120_000)

  it('of the database under load loses nothing that was acknowledged', async () => {
    const program = await start({ BELLWIRE_WORKER_CONCURRENCY: '20' })
    const url = await createAgent(program)
    const ids: string[] = []
    let refused = 0
    let sending = true
    const senders = Array.from({ length: 4 }, async () => {
      while (sending) {
        const id = await trigger(url, ids.length)
        if (id === undefined) refused += 1
        else ids.push(id)
        await delay(5)
      }
    })
    await waitFor(() => ids.length > 50)
    const pidFile = await readFile(join(program.dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
    process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL')
    await waitFor(() => refused > 0, { what: 'a refusal' })
    const before = ids.length
    await waitFor(() => ids.length > before + 50, {
      deadlineMs: 30_000,
      what: 'the front door to open again',
    })
    sending = false
    await Promise.all(senders)
    await expectAllSucceedOnce(program, ids)
  }, 120_000)
})

describe('an agent with a limit of one run at a time', () => {
  it('never runs two, on two workers that are killed in the middle, and ends all', async () => {
    const database = await createTestDatabase()
    const shared = {
      DATABASE_URL: database.url,
      BELLWIRE_SECRET_KEY: 'a-secret-key-for-one-test',
      LOCAL_MODEL_BASE_URL: model.url,
    }
    let running = 0
    let most = 0
    model.handle(async ({ body, cut }) => {
      running += 1
      most = Math.max(most, running)
      await delay(20, undefined, { signal: cut }).catch(() => undefined)
      running -= 1
      return say(`done: ${userText(body)}`)
    })
    const program = await start(shared)
    const others = [startWorkerProcess(shared)]
    try {
      const url = await createAgent(program, { limits: { max_concurrent_runs: 1 } })
      const ids = await triggerMany(url, 100)
      expect(ids).toHaveLength(100)
      const kills = 4
      for (let round = 0; round < kills; round += 1) {
        const before = model.requests.length
        await waitFor(() => running === 1 && model.requests.length >= before + 10, {
          deadlineMs: 40_000,
          everyMs: 1,
          what: 'a run in the middle',
        })
        // Between two runs no worker holds a task.
        const worker = await waitFor(async () => (await busiestWorker(database.db)) || undefined, {
          everyMs: 1,
        })
        process.kill(worker, 'SIGKILL')
        others.push(startWorkerProcess(shared))
      }
      expect(model.requests.length).toBeLessThan(90)
      await expectAllSucceedOnce(program, ids)
      expect(most).toBe(1)
      // At most one repeated call per kill.
      expect(model.requests.length).toBeGreaterThanOrEqual(100)
      expect(model.requests.length).toBeLessThanOrEqual(100 + kills)
    } finally {
      for (const other of others) {
        if (other.exitCode !== null || other.signalCode !== null) continue
        const ended = once(other, 'exit')
        other.kill('SIGTERM')
        await ended
      }
      await program.remove()
      await database.drop()
    }
  }, 180_000)
})

describe('a worker that is frozen and resumes', () => {
  it('after its lease has expired writes nothing, and its tasks have continued elsewhere', async () => {
    const database = await createTestDatabase()
    const shared = {
      DATABASE_URL: database.url,
      BELLWIRE_SECRET_KEY: 'a-secret-key-for-one-test',
      BELLWIRE_WORKER_LEASE_SECONDS: '6',
      // Either worker has room for all of them.
      BELLWIRE_WORKER_CONCURRENCY: '100',
      LOCAL_MODEL_BASE_URL: model.url,
    }
    const program = await start(shared)
    const other = startWorkerProcess(shared)
    let otherLog = ''
    other.stderr?.on('data', (chunk: Buffer) => (otherLog += chunk.toString()))
    // It exits by itself if it is the one that loses its session.
    const otherEnded = once(other, 'exit')
    try {
      const release = Promise.withResolvers<void>()
      const asked: string[] = []
      model.handle(async ({ body }) => {
        const question = userText(body)
        const first = !asked.includes(question)
        asked.push(question)
        if (first) await release.promise
        return say(`done: ${question}`)
      })
      const url = await createAgent(program)
      const ids = await triggerMany(url, 50)
      await waitFor(() => asked.length >= 50, { deadlineMs: 40_000, what: '50 runs on two workers' })
      const stopped = await busiestWorker(database.db)
      process.kill(stopped, 'SIGSTOP')
      try {
        // The model calls of the stopped worker are repeated by the other one.
        await waitFor(() => asked.length > 50, { deadlineMs: 40_000, what: 'the other worker to take over' })
        await expectSomeSuccess(program, ids)
      } finally {
        release.resolve()
        process.kill(stopped, 'SIGCONT')
      }
      await expectAllSucceedOnce(program, ids)
      await waitFor(
        () => /does not hold the task any more|session is lost/.test(program.logged() + otherLog),
        {
          what: 'the stopped worker to notice',
        },
      )
    } finally {
      other.kill('SIGTERM')
      await otherEnded
      await program.remove()
      await database.drop()
    }
  }, 240_000)
})

describe('a pattern that would take forever', () => {
  it('is stopped at its limit, and affects neither its worker nor the runs beside it', async () => {
    const program = await start({ BELLWIRE_WORKER_LEASE_SECONDS: '5' })
    const well = await createAgent(program)
    // A look-ahead requires the backtracking engine.
    const parameters = {
      type: 'object',
      properties: { text: { type: 'string', pattern: '^(?=a)(a+)+$' } },
    }
    const stuck = await createAgent(program, {
      name: 'Stuck',
      model: 'local/stuck',
      tools: [
        {
          type: 'http',
          name: 'look',
          description: 'Looks.',
          url: 'https://example.com',
          parameters,
          access: 'read',
        },
      ],
    })
    let told: string | undefined
    model.handle(({ body }) => {
      if (body.model !== 'stuck') return say(`done: ${userText(body)}`)
      told = body.messages.find(({ role }) => role === 'tool')?.content as string | undefined
      if (told !== undefined) return say('gave up')
      return callTools([{ id: 'a', name: 'look', arguments: { text: `${'a'.repeat(60)}!` } }])
    })
    const worker = await program.workerPid()
    const poisoned = await trigger(stuck, 0)
    await waitFor(() => model.requests.length > 0)
    const ids = await triggerMany(well, 50)
    await expectAllSucceedOnce(program, ids)
    const { body } = await waitFor(
      async () => {
        const task = await program.api('GET', `/api/tasks/${poisoned}`)
        return task.body.finished_at === null ? undefined : task
      },
      { deadlineMs: 60_000, what: 'the end of the run with the pattern' },
    )
    expect(body).toMatchObject({ state: 'SUCCESS', attempts: [{ outcome: 'succeeded' }] })
    expect(told).toContain('the check was stopped')
    expect(await program.workerPid()).toBe(worker)
  }, 150_000)
})

async function expectSomeSuccess(program: Program, ids: string[]): Promise<void> {
  await waitFor(
    async () => {
      const states = await Promise.all(
        ids.map(async (id) => (await program.api('GET', `/api/task_status?task_id=${id}`)).body.status),
      )
      return states.includes('SUCCESS')
    },
    { deadlineMs: 40_000, what: 'a task that has gone on' },
  )
}

/** The process that holds the most tasks. */
async function busiestWorker(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ name: string }>(
    `select w.name from bellwire.tasks t join bellwire.workers w on w.id = t.worker_id
      group by w.id, w.name order by count(*) desc limit 1`,
  )
  return Number(rows[0]?.name.split(':').at(-1))
}

function startWorkerProcess(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [MAIN, 'worker'], {
    env: { PATH: process.env['PATH'] ?? '', BELLWIRE_LOG_FORMAT: 'json', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

describe('SIGTERM', () => {
  it('lets running tasks end, hands the rest back, and is safe twice', async () => {
    const program = await start({ BELLWIRE_SHUTDOWN_GRACE_SECONDS: '1' })
    const url = await createAgent(program)
    const ids = await triggerMany(url, 50)
    model.handle(async ({ body }) => {
      await delay(3_000)
      return say(`done: ${userText(body)}`)
    })
    const late = await triggerMany(url, 50)
    const workerPid = await program.workerPid()
    const stopping = program.stop()
    process.kill(program.pid(), 'SIGTERM')
    expect(await stopping).toBe(0)
    expect(() => process.kill(workerPid, 0)).toThrow(/ESRCH/)
    model.handle(({ body }) => say(`done: ${userText(body)}`))
    await program.start()
    await expectAllSucceedOnce(program, [...ids, ...late])
    const attempts = await Promise.all(
      late.map(async (id) => (await program.api('GET', `/api/tasks/${id}`)).body),
    )
    expect(attempts.every((task) => task.failures === 0 && task.crashes === 0)).toBe(true)
  }, 120_000)
})

describe('the log of a full run', () => {
  it('contains no token, key, secret or payload', async () => {
    const program = await start({
      OPENAI_API_KEY: 'sk-hidden-openai',
      LOCAL_MODEL_API_KEY: 'hidden-local-key',
      BELLWIRE_LOG_LEVEL: 'trace',
    })
    await program.api('PUT', '/api/secrets/HIDDEN', { value: 'hidden-secret-value' })
    const key = await program.api('POST', '/api/api_keys', { name: 'x', scope: 'admin' })
    const url = await createAgent(program)
    const id = await trigger(url, 424242)
    expect(id).toBeDefined()
    await expectAllSucceedOnce(program, [id ?? ''])
    await fetch(`${url}x?question=424242&api_key=${key.body.key}`)
    await fetch(`${url}/more`)
    model.handle(() => fail(401, 'the key hidden-local-key is wrong'))
    const failed = await trigger(url, 424242)
    await waitFor(
      async () => (await program.api('GET', `/api/task_status?task_id=${failed}`)).body.status === 'FAILURE',
    )
    await program.stop()
    const token = url.split('/').at(-1) ?? ''
    const all = program.logged()
    expect(all).toContain('task settled')
    expect(all).toContain('"route":"/api/webhooks/agents/:token"')
    for (const hidden of [
      token,
      program.demoUrl.split('/').at(-1) ?? '',
      program.adminKey,
      key.body.key,
      'hidden-secret-value',
      'sk-hidden-openai',
      'hidden-local-key',
      '424242',
    ]) {
      expect(hidden.length).toBeGreaterThan(5)
      expect(all.includes(hidden), `the log holds ${hidden}`).toBe(false)
    }
  }, 60_000)
})
