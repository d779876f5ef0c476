import { randomInt, randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSignals, type Signals } from '../db/signals.ts'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { seedAgent } from '../../test/harness/seed.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import type { Activity } from './activity.ts'
import { createActivityFeed, type ActivityFeed } from './activityFeed.ts'
import { decodePosition, encodePosition, type Position } from './position.ts'

let test: TestDatabase
let signals: Signals
let agentId: string
const feeds: ActivityFeed[] = []

beforeAll(async () => {
  test = await createTestDatabase()
  signals = createSignals(test.db, test.url, { name: 'test', onError: () => undefined })
  agentId = (await seedAgent(test.db)).agentId
})
afterAll(async () => {
  for (const feed of feeds) feed.stop()
  await signals.stop()
  await test.drop()
})

/** Like another front door: it reads by itself. */
async function newFeed(db = test.db, page = 3): Promise<ActivityFeed> {
  const feed = await createActivityFeed({ db, signals, page })
  feeds.push(feed)
  return feed
}

async function newTask(db: { query: pg.Pool['query'] } = test.db.pool): Promise<string> {
  const id = randomUUID()
  await db.query(
    `insert into bellwire.tasks (id, agent_id, revision, origin, payload, request) values ($1, $2, 1, 'webhook', '{}', '{}')`,
    [id, agentId],
  )
  return id
}

const log = (db: { query: pg.Pool['query'] }, taskId: string, event: number) =>
  db.query(
    `insert into bellwire.transitions (task_id, event, state, reason, attempt) values ($1, $2, 'STARTED', 'claimed', 1)`,
    [taskId, event],
  )

const nameOf = ({ data }: Activity): string => `${String(data['task_id'])} ${String(data['event'])}`

/** A client: it remembers the id of its last event, as text, and nothing else. */
function createClient({ breaks = false } = {}) {
  const received: string[] = []
  let last: string | undefined
  let leave = (): void => {}
  let fragile = breaks

  return {
    received,
    /** Its connections break no longer. */
    steady: () => (fragile = false),
    /** Follows at a front door from where it was. */
    async connect(feed: ActivityFeed) {
      leave()
      const from = last === undefined ? undefined : decodePosition(last)
      const { position } = await feed.open(from)
      last ??= encodePosition(position)
      let isHere = true
      const stop = feed.follow(position, {
        onEvents(events) {
          for (const event of events) {
            // Some connections break between any two events.
            if (!isHere) return
            received.push(nameOf(event))
            last = encodePosition(event.position)
            if (fragile && randomInt(40) === 0) isHere = false
          }
        },
        onPosition(reached: Position) {
          if (isHere) last = encodePosition(reached)
        },
        ready: () => Promise.resolve(),
        onError: () => undefined,
        onEnd: () => undefined,
      })
      leave = () => {
        isHere = false
        stop()
      }
      return { isHere: () => isHere }
    },
    leave: () => leave(),
  }
}

describe('the stream of all events', () => {
  it('has the event of a transaction that commits late, once, wherever a client goes on', async () => {
    const [here, there] = await Promise.all([newFeed(), newFeed()])
    const [late, early] = [await newTask(), await newTask()]
    const [one, other] = [createClient(), createClient()]
    const staying = createClient()
    await Promise.all([one.connect(here), other.connect(there), staying.connect(here)])

    const slow = await test.db.pool.connect()
    try {
      await slow.query('begin')
      await log(slow, late, 2)
      await log(test.db.pool, early, 2)
      await waitFor(() => [one, other, staying].every(({ received }) => received.includes(`${early} 2`)))
      expect(one.received).not.toContain(`${late} 2`)
      one.leave()
      other.leave()
      await slow.query('commit')
    } finally {
      slow.release()
    }
    await Promise.all([one.connect(there), other.connect(here)])
    await waitFor(() => [one, other, staying].every(({ received }) => received.includes(`${late} 2`)))
    for (const { received } of [one, other, staying]) {
      expect(received.filter((name) => name === `${late} 2` || name === `${early} 2`)).toHaveLength(2)
    }
    for (const client of [one, other, staying]) client.leave()
  })

  it('gives every client everything once, whatever commits when and wherever the client reconnects', async () => {
    const [here, there] = await Promise.all([newFeed(), newFeed()])
    const doors = [here, there]
    const expected = new Set<string>()
    const clients = Array.from({ length: 6 }, () => createClient({ breaks: true }))
    await Promise.all(clients.map((client, index) => client.connect(doors[index % 2] ?? here)))
    for (const { received } of clients) received.length = 0
    let writing = true

    const write = async (): Promise<void> => {
      const connection = await test.db.pool.connect()
      try {
        for (let round = 0; round < 25; round += 1) {
          await connection.query('begin')
          const written: string[] = []
          for (let count = randomInt(1, 5); count > 0; count -= 1) {
            const id = await newTask(connection)
            const events = randomInt(1, 3)
            for (let event = 2; event < 2 + events; event += 1) await log(connection, id, event)
            written.push(...Array.from({ length: events + 1 }, (_, index) => `${id} ${index + 1}`))
          }
          // Some keep their transaction open while others commit.
          for (let turn = randomInt(3) * 10; turn > 0; turn -= 1) await connection.query('select 1')
          const isKept = randomInt(5) > 0
          await connection.query(isKept ? 'commit' : 'rollback')
          if (isKept) for (const name of written) expected.add(name)
        }
      } finally {
        connection.release()
      }
    }
    const reconnect = async (client: (typeof clients)[number]): Promise<void> => {
      while (writing) {
        const { isHere } = await client.connect(doors[randomInt(2)] ?? here)
        const until = performance.now() + randomInt(1, 300)
        await waitFor(() => !isHere() || !writing || performance.now() > until, { everyMs: 5 })
      }
    }
    const reading = clients.map(reconnect)
    await Promise.all(Array.from({ length: 4 }, write))
    writing = false
    await Promise.all(reading)
    for (const client of clients) {
      client.steady()
      await client.connect(doors[randomInt(2)] ?? here)
      await waitFor(() => client.received.length >= expected.size, { deadlineMs: 60_000 })
      expect(client.received.toSorted()).toEqual([...expected].toSorted())
      client.leave()
    }
  }, 120_000)

  it('is read once, however many follow, and not at all when nobody does', async () => {
    let reads = 0
    const pool = new Proxy(test.db.pool, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (name !== 'query' || typeof value !== 'function') return value
        return (...args: unknown[]): unknown => {
          if (JSON.stringify(args[0]).includes('union all')) reads += 1
          return value.apply(target, args)
        }
      },
    })
    const feed = await newFeed({ ...test.db, pool }, 500)
    const clients = Array.from({ length: 50 }, () => createClient())
    for (const client of clients) await client.connect(feed)
    // The first one starts the reading; those who come later need nothing of what was before.
    await waitFor(() => reads > 0)
    const before = reads
    const id = await newTask()
    await log(test.db.pool, id, 2)
    await waitFor(() => clients.every(({ received }) => received.includes(`${id} 2`)))
    expect(reads - before).toBeLessThan(10)
    for (const client of clients) client.leave()
    const after = reads
    await log(test.db.pool, id, 3)
    const other = createClient()
    await other.connect(feed)
    await log(test.db.pool, id, 4)
    await waitFor(() => other.received.includes(`${id} 4`))
    expect(other.received).not.toContain(`${id} 3`)
    expect(reads - after).toBeLessThan(10)
    other.leave()
  })
})
