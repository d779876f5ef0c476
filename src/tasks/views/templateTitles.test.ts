import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { seedAgent } from '../../../test/harness/seed.ts'
import { newId } from '../../db/id.ts'
import { listTasks, readTask } from './queries.ts'
import { templateTitles } from './templateTitles.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await createTestDatabase()
})
afterAll(() => test.drop())

async function insert(agentId: string, payload: unknown): Promise<string> {
  const id = newId()
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  await test.db.pool.query(
    `insert into bellwire.tasks (id, agent_id, revision, origin, payload, request)
      values ($1, $2, 1, 'webhook', $3, '{"method":"POST","headers":{"x-github-event":"issues"},"query":{}}')`,
    [id, agentId, Buffer.from(text)],
  )
  return id
}

/** What a task with this payload is called by the template. */
async function titleOf(title: string, payload: unknown): Promise<string | undefined> {
  const { agentId } = await seedAgent(test.db, { name: 'Shop', title })
  const id = await insert(agentId, payload)
  return (await templateTitles(test.db.pool, [id])).get(id)
}

describe('the title of a task', () => {
  it.each([
    [
      '#{{ payload.issue.number }} {{ payload.issue.title }}',
      { issue: { number: 7, title: 'Down' } },
      '#7 Down',
    ],
    ['{{ agent.name }} {{ request.headers["x-github-event"] }}', {}, 'Shop issues'],
    ['{{ payload.a }}\n\n  {{ payload.b }} ', { a: 1, b: 'two\tlines' }, '1 two lines'],
    ['Order {{ payload.id }}', '{"id": 12345678901234567890}', 'Order 12345678901234567890'],
    ['{% for item in payload.items %}{{ item }} {% endfor %}', { items: ['a', 'b'] }, 'a b'],
    ['Fixed', {}, 'Fixed'],
  ])('is made by %s', async (template, payload, title) => {
    expect(await titleOf(template, payload)).toBe(title)
  })

  it('is short, and never half a character', async () => {
    const title = (await titleOf('{{ payload.text }}', { text: '😀'.repeat(5_000) })) ?? ''
    expect(title.length).toBeLessThanOrEqual(200)
    expect(title).toMatch(/^(?:😀){99}.?…$/u)
    expect(title.isWellFormed()).toBe(true)
  })

  it('contains no secret', async () => {
    const payload = '{"password" : "hunter2", "name": "Ada", "url": "https://x.example/?token=abc"}'
    const title = await titleOf('{{ payload.name }} {{ payload.password }} {{ payload.url }}', payload)
    expect(title).toBe('Ada *** https://x.example/?token=***')
  })

  it.each([
    ['renders to nothing', '{{ payload.title }}', {}],
    ['cannot be parsed', '{{ payload.a', { a: 1 }],
    ['takes too long', '{% for a in (1..9999999) %}{% for b in (1..9999999) %}.{% endfor %}{% endfor %}', {}],
    ['is for a large payload', '{{ payload.a }}', { a: 'a', b: 'b'.repeat(70_000) }],
  ])('is left to the payload where the template %s', async (_case, template, payload) => {
    expect(await titleOf(template, payload)).toBeUndefined()
  })

  it('is shown in lists and in the task, others have one of their payload', async () => {
    const { agentId } = await seedAgent(test.db, { title: 'Order {{ payload.id }}' })
    const { agentId: other } = await seedAgent(test.db)
    const id = await insert(agentId, { id: 1024, title: 'Not this' })
    const empty = await insert(agentId, { text: 'No id, no order' })
    const plain = await insert(other, { title: 'This' })
    const { items } = await listTasks(test.db, { limit: 3 })
    expect(Object.fromEntries(items.map((task) => [task.id, task.title]))).toEqual({
      [plain]: 'This',
      [empty]: 'Order',
      [id]: 'Order 1024',
    })
    expect((await readTask(test.db, id)).task.title).toBe('Order 1024')
  })

  it('is rendered once', async () => {
    const { agentId } = await seedAgent(test.db, { title: 'Order {{ payload.id }}' })
    const ids = [await insert(agentId, { id: 1 }), await insert(agentId, { id: 2 })]
    let queries = 0
    const db = {
      query: (...args: unknown[]) => {
        queries += 1
        return Reflect.apply(test.db.pool.query, test.db.pool, args)
      },
    } as typeof test.db.pool
    const titles = await templateTitles(db, ids)
    expect([...titles.values()]).toEqual(['Order 1', 'Order 2'])
    expect(queries).toBe(3)
    expect(await templateTitles(db, ids)).toEqual(titles)
    expect(queries).toBe(3)
  })
})
