import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { callTools, say, userText, type ModelServer, type Reply } from './modelServer.ts'
import type { Program } from './program.ts'
import type { ToolServer } from './toolServer.ts'
import { waitFor } from './waitFor.ts'

/** An agent that records each question with a tool that must not be called twice, and then answers. */
export function clerk(tools: ToolServer, config: Record<string, unknown> = {}): Record<string, unknown> {
  const note = {
    type: 'http',
    name: 'note',
    description: 'Notes a question.',
    method: 'POST',
    url: `${tools.url}/notes`,
    parameters: { type: 'object', properties: { question: { type: 'string' } } },
    access: 'write',
  }
  return { name: 'Clerk', instructions: 'Note it.', model: 'local/test', tools: [note], ...config }
}

/** The question of a task of this load, extracted from what the model or the tool received. */
export function questionOf(text: string): string {
  return /n=\d+/.exec(text)?.[0] ?? ''
}

/** The model's answer to a question. */
export function clerkReply(body: Parameters<typeof userText>[0], delayMs = 20): Reply {
  const question = questionOf(userText(body))
  if (body.messages.some(({ role }) => role === 'tool')) return say(`done: ${question}`, { delayMs })
  return callTools([{ name: 'note', arguments: { question } }], { delayMs })
}

/** Creates an agent; returns the URL that starts it. */
export async function createAgent(program: Program, config: Record<string, unknown>): Promise<string> {
  const agent = await program.api('POST', '/api/agents', config)
  expect(agent.body).toMatchObject({ id: expect.any(String) })
  const webhook = await program.api('GET', `/api/agent_webhook?id=${agent.body.id}`)
  return String(webhook.body.webhook_url).replace('localhost', '127.0.0.1')
}

/** Sends one trigger; returns its task, or undefined if it was not acknowledged. */
export async function trigger(url: string, n: number, key?: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify({ question: `n=${n}.` }),
      signal: AbortSignal.timeout(5_000),
    })
    const body: unknown = await response.json()
    return response.status === 200 && typeof body === 'object' && body && 'task_id' in body
      ? String(body.task_id)
      : undefined
  } catch {
    return undefined
  }
}

/**
 * Sends this many triggers from eight senders, every other one with an Idempotency-Key; those are repeated until they
 * are acknowledged. Returns the acknowledged tasks.
 */
export async function sendTriggers(url: string, count: number): Promise<string[]> {
  const ids: string[] = []
  let next = 0
  const sender = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const key = n % 2 === 0 ? `key-${n}` : undefined
      let id = await trigger(url, n, key)
      for (let tries = 0; id === undefined && key !== undefined; tries += 1) {
        if (tries === 30) throw new Error(`the trigger n=${n} was not acknowledged in ${tries} tries`)
        await delay(100)
        id = await trigger(url, n, key)
      }
      if (id !== undefined) ids.push(id)
    }
  }
  await Promise.all(Array.from({ length: 8 }, sender))
  return ids
}

/** A parsed task. */
// oxlint-disable-next-line typescript/no-explicit-any
export type TaskView = any

/** Waits until every task has ended, including those that were not acknowledged; returns the acknowledged ones. */
export async function allEnd(program: Program, ids: string[], deadlineMs: number): Promise<TaskView[]> {
  const open = async (): Promise<string[]> => {
    // In one query: between two, a task could change from one state to the other and be missed by both.
    const { body } = await program.api(
      'GET',
      '/api/tasks?state=PENDING&state=STARTED&state=WAITING&limit=100',
    )
    return body.data.map((task: TaskView) => `${task.id} ${task.state} attempt ${task.attempt}`)
  }
  await waitFor(async () => (await open()).length === 0, {
    deadlineMs,
    everyMs: 100,
    what: 'the end of all tasks',
  }).catch(async (error: unknown) => {
    const left = await open().catch(String)
    throw new Error(`these tasks have not ended within ${deadlineMs} ms: ${String(left)}`, { cause: error })
  })
  const tasks: TaskView[] = []
  for (const id of new Set(ids)) tasks.push((await program.api('GET', `/api/tasks/${id}`)).body)
  return tasks
}

/** Each task has succeeded once, with the answer to its own question; faults around it do not count as failed runs. */
export function expectSuccess(tasks: TaskView[], { failures = 0 } = {}): void {
  for (const task of tasks) {
    expect(task, JSON.stringify(task)).toMatchObject({
      state: 'SUCCESS',
      failures,
      result: { answer: `done: ${questionOf(JSON.stringify(task.payload))}` },
    })
    const ends = task.attempts.filter(({ outcome }: { outcome: string }) => outcome === 'succeeded')
    expect(ends, `attempts of ${task.id}`).toHaveLength(1)
  }
}

/**
 * The journal's promises: a call to a tool that must not be repeated is made at most once; a model call is repeated
 * only by a later attempt that follows the loss of a worker, once for each, or after an earlier call that has `failed`.
 */
export function expectNothingTwice(
  tasks: TaskView[],
  model: ModelServer,
  tools: ToolServer,
  { failed = 0 } = {},
): void {
  const lost = tasks
    .flatMap((task) => task.attempts)
    .filter(({ outcome }: { outcome: string }) => outcome === 'worker_lost').length
  const notes = Map.groupBy(tools.requests, ({ body }) => questionOf(body))
  for (const [question, calls] of notes) expect(calls, `notes of ${question}`).toHaveLength(1)
  const calls = Map.groupBy(
    model.requests,
    ({ body }) => `${questionOf(userText(body))} after ${body.messages.length}`,
  )
  const again = [...calls.values()].reduce((sum, { length }) => sum + length - 1, 0)
  expect(again, 'calls of the model that were made again').toBeLessThanOrEqual(lost + failed)
}

/** The front door answers, and a new task runs to its end. */
export async function expectOpen(program: Program, url: string): Promise<void> {
  const ready = await fetch(`${program.url}/readyz`, { signal: AbortSignal.timeout(5_000) })
  expect(ready.status).toBe(200)
  const id = await waitFor(() => trigger(url, 999_999), { what: 'a trigger that is accepted' })
  expectSuccess(await allEnd(program, [id], 15_000))
}
