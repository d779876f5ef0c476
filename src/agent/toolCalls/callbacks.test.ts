import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentBench, type AgentBench } from '../../../test/harness/agentRun.ts'
import { toolTexts, waitForCallbacks } from '../../../test/harness/callbackModel.ts'
import { createMemoryJournal } from '../../../test/harness/memoryJournal.ts'
import { callTools, say } from '../../../test/harness/modelServer.ts'
import type { CallbackUrls, ReceivedCall } from '../../contract/callbackUrl.ts'
import type { Decision } from '../../contract/decision.ts'
import { createRecordedWrites } from './recordedWrites.ts'
import { RunPause } from '../runPause.ts'

let bench: AgentBench

beforeAll(async () => {
  bench = await startAgentBench()
})
beforeEach(() => {
  bench.model.reset()
  bench.model.handle(waitForCallbacks())
})
afterAll(() => bench.stop())

const CONFIG = { tools: [{ type: 'builtin', name: 'wait_for_callback' }] }
const CALL: ReceivedCall = {
  calledAt: new Date('2026-03-01T12:30:00Z'),
  contentType: 'application/json',
  query: {},
  body: '{"ok":true}',
}
const RESULT = {
  received_at: '2026-03-01T12:30:00.000Z',
  content_type: 'application/json',
  body: { ok: true },
}

/** Callback URLs in memory: the same key gives the same URL. */
function createUrls() {
  const made = new Map<string, string>()
  const calls = new Map<string, ReceivedCall>()
  const urls: CallbackUrls = {
    create: async (key) => {
      const id = made.get(key) ?? `00000000-0000-4000-8000-${String(made.size + 1).padStart(12, '0')}`
      made.set(key, id)
      return { id, url: `https://b.example/${id}` }
    },
    read: async (id) => ([...made.values()].includes(id) ? { call: calls.get(id) } : undefined),
  }
  return { urls, made, calls }
}

/** One task: attempts over one journal, with the URLs of the run and the ends of its waits. */
function startTask() {
  const store = new Map<string, string>()
  const decisions = new Map<string, Decision>()
  const { urls, made, calls } = createUrls()
  const attempt = (hooks: Parameters<typeof createMemoryJournal>[0] = {}) =>
    bench.run(CONFIG, {
      journal: createMemoryJournal({ store, ...hooks }),
      callbackUrls: urls,
      decisions: (key) => decisions.get(key),
    })
  const pause = async () => {
    const outcome = await attempt().catch((error: unknown) => error)
    if (outcome instanceof RunPause) return outcome.requests
    throw new Error('the run did not pause', { cause: outcome })
  }
  const callAll = (): void => {
    for (const id of made.values()) calls.set(id, CALL)
  }
  return { store, decisions, made, attempt, pause, callAll, urls }
}

describe('a call that waits for a callback', () => {
  it('pauses the run, and asks for no more when it is resumed too early', async () => {
    const task = startTask()
    const requests = await task.pause()
    expect(requests).toEqual([
      {
        key: expect.stringMatching(/^tool\/1\/wait_for_callback\/[0-9a-f]+\/callback$/),
        tool: 'wait_for_callback',
        access: 'read',
        step: 1,
        arguments: { id: [...task.made.values()][0] },
        parameters: {},
        callbackId: [...task.made.values()][0],
        timeoutSeconds: 86_400,
      },
    ])
    expect(await task.pause()).toEqual(requests)
    expect(bench.model.requests).toHaveLength(2)
    task.callAll()
    const { result } = await task.attempt()
    expect(result.tool_calls[1]?.result).toEqual(RESULT)
    expect((await task.attempt()).result).toEqual(result)
  })

  it('gives what came, although the time was up before it was read', async () => {
    const task = startTask()
    const [wait] = await task.pause()
    task.decisions.set(wait?.key ?? '', { state: 'expired' })
    task.callAll()
    expect((await task.attempt()).result.tool_calls[1]?.result).toEqual(RESULT)
  })

  it('says that the time was up, and keeps to it', async () => {
    const task = startTask()
    const [wait] = await task.pause()
    task.decisions.set(wait?.key ?? '', { state: 'expired' })
    const { result } = await task.attempt()
    expect(result.tool_calls[1]?.result).toEqual({ timed_out: true })
    task.callAll()
    expect((await task.attempt()).result).toEqual(result)
  })

  it('ends the run with the error of the database, not with an answer of its own', async () => {
    const { urls } = createUrls()
    const down = new Error('the database is down')
    const read = () => Promise.reject(down)
    await expect(bench.run(CONFIG, { callbackUrls: { ...urls, read } })).rejects.toBe(down)
  })

  const deaths = Array.from({ length: 6 }, (_, at) => at).flatMap((at) =>
    (['before', 'after'] as const).map((when) => ({ at, when })),
  )

  it.each(deaths)('that is cut off $when write $at makes one URL and one result', async ({ at, when }) => {
    const killed = new Error('the worker is gone')
    const task = startTask()
    let count = 0
    const die = (): void => {
      if (count++ === at) throw killed
    }
    // The URL is called between two attempts, at the first that pauses.
    const outcomes: unknown[] = []
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const outcome = await task.attempt({ [when]: die }).catch((error: unknown) => error)
      outcomes.push(outcome)
      if (outcome instanceof RunPause) task.callAll()
    }
    expect(outcomes.filter((outcome) => outcome === killed)).toHaveLength(1)
    expect(outcomes.at(-1)).toMatchObject({ result: { tool_calls: [{}, { result: RESULT }] } })
    expect(task.made.size).toBe(1)
    expect(bench.model.requests.length).toBeLessThanOrEqual(4)
  })
})

describe('a replay that answers writes from the record', () => {
  it('answers both calls from there, and makes no URL', async () => {
    const task = startTask()
    await task.pause()
    task.callAll()
    const { result } = await task.attempt()
    const recorded = createMemoryJournal({ store: task.store })
      .rows()
      .filter(({ kind }) => kind === 'tool')
    const { urls, made } = createUrls()
    const again = await bench.run(CONFIG, {
      record: createRecordedWrites([recorded], []),
      callbackUrls: urls,
    })
    expect(again.result).toEqual(result)
    expect(made.size).toBe(0)
  })

  it('gives an error for a call that is not there', async () => {
    bench.model.handle(({ body }) =>
      toolTexts(body).length > 0
        ? say('All done.')
        : callTools([{ name: 'create_callback_url', arguments: {} }]),
    )
    const { result } = await bench.run(CONFIG, {
      record: createRecordedWrites([[]], []),
      callbackUrls: createUrls().urls,
    })
    expect(result.tool_calls[0]?.error).toMatch(/it made no such call/)
  })
})
