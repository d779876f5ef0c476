import { once } from 'node:events'
import { connect } from 'node:net'
import type { PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { openEvents, type Events } from './harness/events.ts'
import { callTools, fail, say, startModelServer, userText, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let app: TestApp
let agent: { id: string; url: string }
const opened: Events[] = []

beforeAll(async () => {
  model = await startModelServer()
  app = await startTestApp({ LOCAL_MODEL_BASE_URL: model.url })
  agent = await app.createAgent({
    model: 'local/test',
    tools: [{ type: 'builtin', name: 'current_time' }],
    retry: { max_attempts: 3 },
  })
})
afterEach(() => {
  for (const events of opened.splice(0)) events.close()
  model.reset()
})
afterAll(async () => {
  await app?.stop()
  await model?.stop()
})

async function follow(link: string, lastEventId?: string): Promise<Events> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const events = await openEvents(link, { headers })
  opened.push(events)
  return events
}

async function trigger(question: string, headers: Record<string, string> = {}) {
  const { status, body } = await app.call('POST', agent.url, { question }, headers)
  expect(status).toBe(200)
  return { id: String(body.task_id), link: String(body.links.events) }
}

const words = (count: number, word = 'word'): string =>
  Array.from({ length: count }, (_, index) => `${word}${index} `).join('')

/** The text of a step, as a client assembles it: text that starts again is dropped. */
function textOf(events: Events, step: number, kind: 'answer' | 'thought' = 'answer'): string {
  let text = ''
  for (const { event, data } of events.all) {
    if (data['step'] !== step) continue
    if (event === 'model_call') text = ''
    if (event !== kind) continue
    expect(data['offset']).toBe(text.length)
    text += String(data['text'])
  }
  return text
}

/** The names of events in order, with consecutive duplicates removed. */
function order(events: Events): string[] {
  const names = events.all.map(({ event, data }) =>
    event === 'state' ? String(data['state']) : event === 'step' ? `${String(data['kind'])} done` : event,
  )
  return names.filter((name, index) => name !== names[index - 1])
}

describe('the events of a task', () => {
  it('have text and states in one order, and every piece of the text, 50 times', async () => {
    const pieces = Array.from({ length: 30 }, (_, index) => `${index}-ha `)
    model.handle(({ body }) =>
      body.messages.some(({ role }) => role === 'tool')
        ? say(pieces.join(''), { pieces, reasoning: 'So late.' })
        : callTools([{ name: 'current_time', arguments: {} }], { text: 'Let me see.' }),
    )
    const runs = Array.from({ length: 50 }, async (_, index) => {
      const { link } = await trigger(`run ${index}`, { prefer: 'stream' })
      const events = await follow(link)
      await events.ended
      return events
    })
    for (const events of await Promise.all(runs)) {
      expect(order(events).join(' ')).toBe(
        'PENDING STARTED model_call answer model done tool done model_call thought answer model done SUCCESS',
      )
      expect(textOf(events, 0)).toBe('Let me see.')
      expect(textOf(events, 1)).toBe(pieces.join(''))
      expect(textOf(events, 1, 'thought')).toBe('So late.')
      const ids = events.all.flatMap(({ id }) => id ?? [])
      expect(ids).toEqual(ids.map((_, index) => index + 1))
      for (const { id, event } of events.all) {
        expect(id === undefined).toBe(['model_call', 'answer', 'thought'].includes(event))
      }
    }
  }, 60_000)

  it('start for late clients with what has been written of the current step', async () => {
    const gate = Promise.withResolvers<void>()
    const text = `${words(300)}\u{1f600}${words(300, 'more')}`
    const pieces = text.match(/[^]{1,7}/g) ?? []
    model.script(
      say(text, { pieces, beforePiece: (index) => (index === pieces.length - 2 ? gate.promise : undefined) }),
    )
    const { link } = await trigger('write', { prefer: 'stream' })
    const first = await follow(link)
    const almost = pieces.slice(0, -2).join('')
    await waitFor(() => textOf(first, 0) === almost)
    const late = await Promise.all(Array.from({ length: 20 }, () => follow(link)))
    await waitFor(() => late.every((events) => textOf(events, 0) === almost))
    const resumed = await follow(link, '2')
    await waitFor(() => textOf(resumed, 0) === almost)
    gate.resolve()
    for (const events of [first, ...late, resumed]) {
      await events.ended
      expect(textOf(events, 0)).toBe(text)
      expect(events.all.filter(({ event }) => event === 'model_call')).toHaveLength(1)
      expect(order(events).slice(-4)).toEqual(['model_call', 'answer', 'model done', 'SUCCESS'])
    }
  })

  it('reach clients of a step that started before anyone was connected, streamed or not', async () => {
    const gate = Promise.withResolvers<void>()
    model.handle(async ({ body }) => {
      if (!userText(body).includes('quiet')) return say('ok')
      await gate.promise
      return say('All at once.')
    })
    const { link } = await trigger('quiet')
    await waitFor(() => model.requests.length > 0)
    const events = await follow(link)
    await waitFor(() => events.all.some(({ event }) => event === 'model_call'))
    expect(events.all.at(-1)?.data).toEqual({
      step: 0,
      attempt: 1,
      streamed: false,
      continues: false,
    })
    gate.resolve()
    await events.ended
    expect(order(events)).toEqual(['PENDING', 'STARTED', 'model_call', 'answer', 'model done', 'SUCCESS'])
    expect(textOf(events, 0)).toBe('All at once.')
  })

  it('show when a step starts again', async () => {
    const seen = Promise.withResolvers<void>()
    model.script(
      say('The first try breaks.', {
        cutBeforePiece: 2,
        beforePiece: (index) => (index === 2 ? seen.promise : undefined),
      }),
      fail(503, 'later'),
      say('The third one holds.'),
    )
    const { link } = await trigger('again', { prefer: 'stream' })
    const events = await follow(link)
    await waitFor(() => textOf(events, 0) === 'The first ')
    seen.resolve()
    await events.ended
    const calls = events.all.filter(({ event }) => event === 'model_call').map(({ data }) => data)
    expect(calls.map(({ step, attempt }) => [step, attempt])).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
    ])
    expect(textOf(events, 0)).toBe('The third one holds.')
  }, 30_000)

  it('are the same after the end, text included', async () => {
    model.script(say('Gone by.', { reasoning: 'Quickly.' }))
    const { id, link } = await trigger('past')
    await app.call('GET', `/api/task_status?task_id=${id}&wait=30`)
    const events = await follow(link, '0')
    await events.ended
    expect(order(events)).toEqual([
      'PENDING',
      'STARTED',
      'model_call',
      'thought',
      'answer',
      'model done',
      'SUCCESS',
    ])
    expect(textOf(events, 0)).toBe('Gone by.')
  })

  it('are sent page by page if there are many', async () => {
    model.handle(({ body }) =>
      body.messages.length > 90 ? say('Enough.') : callTools([{ name: 'current_time', arguments: {} }]),
    )
    const many = await app.createAgent({
      model: 'local/test',
      tools: [{ type: 'builtin', name: 'current_time' }],
      limits: { max_steps: 100 },
    })
    const { body } = await app.call('POST', many.url, { question: 'Go on.' })
    const live = await follow(body.links.events)
    await live.ended
    const past = await follow(body.links.events, '0')
    await past.ended
    for (const events of [live, past]) {
      const ids = events.all.flatMap(({ id }) => id ?? [])
      expect(ids.length).toBeGreaterThan(80)
      expect(ids).toEqual(ids.toSorted((a, b) => a - b))
      expect(new Set(ids).size).toBe(ids.length)
      expect(textOf(events, 45)).toBe('Enough.')
    }
  }, 60_000)
})

describe('two front doors', () => {
  it('both send the whole text, whichever was asked first', async () => {
    const second = await app.startFrontDoor()
    try {
      const gate = Promise.withResolvers<void>()
      const text = words(2_000)
      const pieces = text.match(/[^]{1,50}/g) ?? []
      model.script(
        say(text, {
          pieces,
          beforePiece: (index) => (index === pieces.length - 1 ? gate.promise : undefined),
        }),
      )
      const { link } = await trigger('both', { prefer: 'stream' })
      const first = await follow(link)
      const almost = pieces.slice(0, -1).join('')
      await waitFor(() => textOf(first, 0) === almost)
      const other = await follow(link.replace(app.url, second.url))
      await waitFor(() => textOf(other, 0) === almost)
      gate.resolve()
      for (const events of [first, other]) {
        await events.ended
        expect(textOf(events, 0)).toBe(text)
        expect(order(events)).toEqual(['PENDING', 'STARTED', 'model_call', 'answer', 'model done', 'SUCCESS'])
      }
    } finally {
      await second.stop()
    }
  }, 30_000)
})

describe('POST /stream', () => {
  it('sends 100,000 characters completely, while the server stays responsive', async () => {
    const text = 'ab'.repeat(50_000)
    model.script(say(text, { pieces: text.match(/[^]{1,500}/g) ?? [] }))
    const question = { question: 'long', agent_id: agent.id }
    const reading = app.call('POST', '/stream', question, { authorization: `Bearer ${app.adminKey}` })
    let slowest = 0
    let reply: Awaited<typeof reading> | undefined
    void reading.then((found) => (reply = found))
    await waitFor(async () => {
      const started = performance.now()
      await app.call('GET', '/healthz')
      slowest = Math.max(slowest, performance.now() - started)
      return reply
    })
    const data: Record<string, unknown>[] = [...String(reply?.body).matchAll(/^data: (.*)$/gm)].map((match) =>
      JSON.parse(match[1] ?? ''),
    )
    expect(data.map(({ answer }) => (typeof answer === 'string' ? answer : '')).join('')).toBe(text)
    expect(data.at(-1)).toEqual({ type: 'end' })
    expect(slowest).toBeLessThan(2_000)
  })

  it('starts a new paragraph when an answer starts again', async () => {
    const seen = Promise.withResolvers<void>()
    model.script(
      say('The first try breaks.', {
        cutBeforePiece: 2,
        beforePiece: (index) => (index === 2 ? seen.promise : undefined),
      }),
      say('The second one holds.'),
    )
    const events = await openEvents(`${app.url}/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${app.adminKey}` },
      body: JSON.stringify({ question: 'again', agent_id: agent.id }),
    })
    opened.push(events)
    const written = (): string =>
      events.all.map(({ data: { answer } }) => (typeof answer === 'string' ? answer : '')).join('')
    await waitFor(() => written() === 'The first ')
    seen.resolve()
    await events.ended
    expect(written()).toBe('The first \n\nThe second one holds.')
  }, 30_000)
})

describe('an answer that is cut off', () => {
  const script = (): void =>
    model.script(
      say('The quick brown fo', { finishReason: 'length', reasoning: 'A start.' }),
      say('x jumps', { finishReason: 'length' }),
      fail(503),
      say(' over the dog.', { reasoning: 'The end.' }),
    )

  it('continues in the middle of the text of /stream', async () => {
    script()
    const events = await openEvents(`${app.url}/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${app.adminKey}` },
      body: JSON.stringify({ question: 'cut', agent_id: agent.id }),
    })
    opened.push(events)
    await events.ended
    const written = (kind: 'answer' | 'thought'): string =>
      events.all.map(({ data }) => (typeof data[kind] === 'string' ? data[kind] : '')).join('')
    expect(written('answer')).toBe('The quick brown fox jumps over the dog.')
    expect(written('thought')).toBe('A start.\n\nThe end.')
  }, 30_000)

  it('is continued by calls marked as such, live and read afterwards', async () => {
    script()
    const { id, link } = await trigger('cut', { prefer: 'stream' })
    const live = await follow(link)
    await live.ended
    const read = await follow(
      `${app.url}/api/tasks/${id}/events?key=${new URL(link).searchParams.get('key')}`,
      '0',
    )
    await read.ended
    const continuing = (events: Events): unknown[] =>
      events.all
        .filter(({ event }) => event === 'model_call')
        .map(({ data }) => [data['step'], data['continues']])
    expect(continuing(read)).toEqual([
      [0, false],
      [1, true],
      [2, true],
    ])
    expect(new Map(continuing(live) as [number, boolean][])).toEqual(
      new Map([
        [0, false],
        [1, true],
        [2, true],
      ]),
    )
  }, 30_000)
})

describe('a client that reads too slowly', () => {
  it('is disconnected, and the others are not', async () => {
    const gate = Promise.withResolvers<void>()
    const sizes = { step: 60, chunk: 100_000 }
    model.handle(async ({ body }) => {
      const calls = body.messages.filter(({ role }) => role === 'tool').length
      if (calls === 0) await gate.promise
      const text = 'x'.repeat(sizes.chunk)
      return calls === sizes.step
        ? say('Done.')
        : callTools([{ name: 'current_time', arguments: {} }], { text })
    })
    const talker = await app.createAgent({
      model: 'local/test',
      tools: [{ type: 'builtin', name: 'current_time' }],
      limits: { max_steps: 100, max_output_bytes: 100_000_000 },
    })
    const { body } = await app.call('POST', talker.url, { question: 'Talk.' })
    const { hostname, port, pathname, search } = new URL(String(body.links.events))
    const slow = connect(Number(port), hostname)
    slow.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
    await once(slow, 'readable')
    const broken = once(slow, 'close')
    const quick = await follow(String(body.links.events))
    gate.resolve()
    await quick.ended
    expect(quick.all.at(-1)?.data).toMatchObject({ state: 'SUCCESS' })
    let received = ''
    slow.on('error', () => undefined).on('data', (chunk) => (received += String(chunk)))
    await broken
    expect(received).not.toContain('SUCCESS')
  }, 60_000)
})

describe('many followers', () => {
  it('with one link are refused beyond a limit', async () => {
    const stopped = await startTestApp({}, { worker: false })
    try {
      const made = await stopped.createAgent()
      const { body } = await stopped.call('POST', made.url, {})
      const tries = await Promise.allSettled(
        Array.from({ length: 300 }, () => follow(String(body.links.events))),
      )
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
      const refused = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(refused[0]).toMatchObject({
        status: 429,
        body: { code: 'too_many_followers', detail: expect.stringContaining('100 with this link') },
      })
      expect(Number(refused[0].headers.get('retry-after'))).toBeGreaterThan(0)
      for (const events of opened.splice(0)) events.close()
      await waitFor(() => follow(String(body.links.events)).catch(() => false))
      for (const events of opened.splice(0)) events.close()
    } finally {
      await stopped.stop()
    }
  }, 30_000)

  it('do not delay an accept while they connect', async () => {
    const stopped = await startTestApp({}, { worker: false })
    try {
      const made = await stopped.createAgent()
      const accept = () => stopped.call('POST', made.url, {})
      const links = (await Promise.all([1, 2, 3].map(accept))).map(({ body }) => String(body.links.events))
      // Accepting never reads the journal; whoever follows a task does.
      const lock = await stopped.database.db.pool.connect()
      try {
        await lock.query('begin')
        await lock.query('lock table bellwire.steps in access exclusive mode')
        let connected = 0
        const follows = Array.from({ length: 300 }, async (_, at) => {
          const events = await follow(links[at % links.length] ?? '')
          await waitFor(() => events.all.length > 0, { deadlineMs: 30_000 })
          connected += 1
        })
        const all = Promise.all(follows)
        all.catch(() => {})
        await waitFor(async () => (await blockedQueries(lock)) > 0)
        for (let round = 0; round < 20; round += 1) {
          const accepted = await Promise.all(Array.from({ length: 8 }, accept))
          expect(accepted.map(({ status }) => status)).toEqual(accepted.map(() => 200))
        }
        // Followers have two connections, however many they are.
        expect(await blockedQueries(lock)).toBeLessThanOrEqual(2)
        expect(connected).toBe(0)
        await lock.query('commit')
        await all
        expect(connected).toBe(300)
      } finally {
        lock.release(true)
      }
    } finally {
      for (const events of opened.splice(0)) events.close()
      await stopped.stop()
    }
  }, 60_000)
})

/** How many queries wait for a lock. */
async function blockedQueries(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows[0]?.count ?? 0
}
