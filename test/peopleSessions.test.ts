import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { createPerson, type Person } from './harness/person.ts'

const PASSWORD = 'correct horse battery'

type Listed = { id: string; via: string; name: string | null; is_current: boolean; last_seen_at: string }

let app: TestApp
let elsewhere: { url: string; stop(): Promise<void> }

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  elsewhere = await app.startFrontDoor()
  for (const [name, role] of [
    ['ada', 'owner'],
    ['bob', 'viewer'],
    ['eve', 'editor'],
  ]) {
    const user = { email: `${name}@example.com`, name, role, password: PASSWORD }
    expect((await app.call('POST', '/api/users', user)).status).toBe(201)
  }
})
afterAll(async () => {
  await elsewhere.stop()
  await app.stop()
})

async function signIn(name: string, userAgent = 'Browser/1.0'): Promise<Person> {
  const person = createPerson(app.url)
  const body = { email: `${name}@example.com`, password: PASSWORD }
  expect((await person.call('POST', '/api/session', body, { 'user-agent': userAgent })).status).toBe(200)
  return person
}

const listFor = async (person: Person, query = ''): Promise<Listed[]> =>
  (await person.call('GET', `/api/sessions?limit=200${query}`)).body.data

const statusOf = async (person: Person) => (await person.call('GET', '/api/session')).status

it('lists your own sessions, with browser, address and times', async () => {
  const [first, second] = [await signIn('bob', 'Phone/2.0'), await signIn('bob')]
  await signIn('eve')
  const listed = await listFor(second)
  expect(listed).toMatchObject([
    { via: 'password', name: 'bob', is_current: true, user_agent: 'Browser/1.0', address: '127.0.0.1' },
    { via: 'password', name: 'bob', is_current: false, user_agent: 'Phone/2.0' },
  ])
  expect((await listFor(first)).map(({ is_current }) => is_current)).toEqual([false, true])
  expect(JSON.stringify(listed)).not.toContain(second.cookie().split('=')[1])
  await app.call('POST', '/api/sessions/end_others')
})

it('shows those of everybody to owners only', async () => {
  const [ada, bob] = [await signIn('ada'), await signIn('bob')]
  const names = (await listFor(ada, '&everybody=true')).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['ada', 'bob', 'eve']))
  expect((await listFor(ada)).map(({ name }) => name)).not.toContain('bob')
  const refused = await bob.call('GET', '/api/sessions?everybody=true')
  expect(refused.body).toMatchObject({ code: 'role_insufficient', required_role: 'owner', role: 'viewer' })
  const odd = await bob.call('GET', '/api/sessions?everybody=perhaps')
  expect(odd.body.errors).toEqual([{ pointer: '?everybody', detail: 'use true or false' }])
})

it('ends one of your own, at every front door, and none of others', async () => {
  const [here, there, eve] = [await signIn('bob'), await signIn('bob'), await signIn('eve')]
  const idOf = async (person: Person) => (await listFor(person)).find(({ is_current }) => is_current)?.id
  const { port } = new URL(app.url)
  const cookie = there.cookie().replace(`_${port}=`, `_${new URL(elsewhere.url).port}=`)
  const elsewhereStatus = async () =>
    (await createPerson(elsewhere.url).call('GET', '/api/session', undefined, { cookie })).status
  expect(await elsewhereStatus()).toBe(200)
  const others = await here.call('DELETE', `/api/sessions/${await idOf(eve)}`)
  expect([others.status, others.body.code]).toEqual([404, 'session_not_found'])
  expect(await statusOf(eve)).toBe(200)
  expect((await here.call('DELETE', `/api/sessions/${await idOf(there)}`)).status).toBe(204)
  expect(await statusOf(there)).toBe(401)
  await expect.poll(elsewhereStatus).toBe(401)
  expect(await statusOf(here)).toBe(200)
  const ada = await signIn('ada')
  expect((await ada.call('DELETE', `/api/sessions/${await idOf(eve)}`)).status).toBe(204)
  expect(await statusOf(eve)).toBe(401)
  for (const none of ['nonsense', crypto.randomUUID()]) {
    expect((await ada.call('DELETE', `/api/sessions/${none}`)).status).toBe(404)
  }
})

it('ends all others of your own', async () => {
  const [here, there, eve] = [await signIn('bob'), await signIn('bob'), await signIn('eve')]
  const { body } = await here.call('POST', '/api/sessions/end_others')
  expect(body.ended).toBeGreaterThanOrEqual(1)
  expect([await statusOf(here), await statusOf(there), await statusOf(eve)]).toEqual([200, 401, 200])
  expect(await listFor(here)).toHaveLength(1)
})

it('with a key lists and ends those of that key', async () => {
  const made = await app.call('POST', '/api/api_keys', { name: 'Board', scope: 'admin', role: 'viewer' })
  const person = createPerson(app.url)
  await person.call('POST', '/api/session', { key: made.body.key })
  const headers = { authorization: `Bearer ${made.body.key}` }
  const { body } = await app.call('GET', '/api/sessions', undefined, headers)
  expect(body.data).toMatchObject([{ via: 'key', name: 'Board', is_current: false }])
  expect((await app.call('POST', '/api/sessions/end_others', undefined, headers)).body).toEqual({ ended: 1 })
  expect(await statusOf(person)).toBe(401)
})

it('notes when a session was last seen, to a few minutes', async () => {
  const person = await signIn('bob')
  const listed = async () => (await listFor(person)).find(({ is_current }) => is_current)
  await app.database.db.pool.query(
    `update bellwire.sessions set last_seen_at = now() - interval '1 day', created_at = now() - interval '1 day'
      where id = $1`,
    [(await listed())?.id],
  )
  // A request is enough, once the process has forgotten what it read before.
  await expect
    .poll(async () => Date.now() - Date.parse((await listed())?.last_seen_at ?? ''), { timeout: 20_000 })
    .toBeLessThan(3_600_000)
})

it('is paged', async () => {
  const people = [await signIn('eve'), await signIn('eve'), await signIn('eve')]
  const all = await listFor(people[0] ?? (await signIn('eve')))
  const ids: string[] = []
  let cursor = ''
  do {
    const page = await people[0]?.call('GET', `/api/sessions?limit=2${cursor}`)
    ids.push(...page?.body.data.map(({ id }: Listed) => id))
    cursor = page?.body.next_cursor === null ? '' : `&cursor=${page?.body.next_cursor}`
  } while (cursor !== '')
  expect(ids).toEqual(all.map(({ id }) => id))
})
