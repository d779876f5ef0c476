import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { createPerson, type Person } from './harness/person.ts'

const PASSWORD = 'correct horse battery'
const WRONG = 'another horse battery'

let app: TestApp
let elsewhere: { url: string; stop(): Promise<void> }
let count = 0
let addresses = 0

beforeAll(async () => {
  app = await startTestApp({ BELLWIRE_TRUSTED_PROXIES: '127.0.0.0/8' }, { worker: false })
  elsewhere = await app.startFrontDoor()
})
afterAll(async () => {
  await elsewhere?.stop()
  await app?.stop()
})
afterEach(() => app.database.db.pool.query('delete from bellwire.password_attempts'))

const newEmail = () => `person${(count += 1)}@example.com`
const newAddress = () => `203.0.113.${(addresses += 1)}`

async function createUser(): Promise<{ id: string; email: string }> {
  const email = newEmail()
  const user = { email, name: 'Ada', role: 'viewer', password: PASSWORD }
  const { body } = await app.call('POST', '/api/users', user)
  return { id: body.id, email }
}

const signIn = (email: string, password: string, address: string, person: Person = createPerson(app.url)) =>
  person.call('POST', '/api/session', { email, password }, { 'x-forwarded-for': address })

/** How often a password was compared with a hash, in one process. */
async function checksOf(url: string): Promise<number> {
  const { body } = await app.call('GET', `${url}/metrics`, undefined, {
    authorization: `Bearer ${app.adminKey}`,
  })
  const found = [
    ...String(body).matchAll(/bellwire_password_attempts_total\{outcome="(right|wrong)"\} (\d+)/g),
  ]
  return found.reduce((sum, [, , value]) => sum + Number(value), 0)
}

// Hashes take their time on a busy machine.
describe('somebody who guesses a password', { timeout: 60_000 }, () => {
  it('is refused before it is hashed after five guesses, by every process', async () => {
    const { email } = await createUser()
    const address = newAddress()
    const before = (await checksOf(app.url)) + (await checksOf(elsewhere.url))
    const people = Array.from({ length: 30 }, (_, n) => createPerson(n % 2 ? app.url : elsewhere.url))
    const answers = await Promise.all(people.map((person) => signIn(email, WRONG, address, person)))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25)
    expect((await checksOf(app.url)) + (await checksOf(elsewhere.url)) - before).toBe(5)
    const refused = await signIn(email, PASSWORD, address)
    expect(refused.body).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(refused.body.detail).toMatch(/^Too many wrong passwords\. Try again in \d+ seconds\.$/)
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
  })

  it('does not lock the account: its user signs in from another address, and goes on from a known browser', async () => {
    const { email } = await createUser()
    const address = newAddress()
    // The user signed in at this address before.
    const known = createPerson(app.url)
    expect((await signIn(email, PASSWORD, address, known)).status).toBe(200)
    for (let n = 0; n < 6; n += 1) await signIn(email, WRONG, address)
    expect((await signIn(email, PASSWORD, address)).status).toBe(429)
    expect((await signIn(email, PASSWORD, newAddress())).status).toBe(200)
    expect((await known.call('DELETE', '/api/session')).status).toBe(204)
    expect((await signIn(email, PASSWORD, address, known)).status).toBe(200)
    // A known browser has a limit of its own.
    const guesses = []
    for (let n = 0; n < 6; n += 1) guesses.push((await signIn(email, WRONG, newAddress(), known)).status)
    expect(guesses).toEqual([401, 401, 401, 401, 401, 429])
  })

  it('cannot make a browser known by inventing its cookie, or by that of another account', async () => {
    const [mine, theirs] = [await createUser(), await createUser()]
    const address = newAddress()
    const person = createPerson(app.url)
    expect((await signIn(mine.email, PASSWORD, address, person)).status).toBe(200)
    for (let n = 0; n < 5; n += 1) await signIn(theirs.email, WRONG, address)
    expect((await signIn(theirs.email, WRONG, address, person)).status).toBe(429)
    const invented = person.cookie().replace(/(bellwire_browser_\d+=)[^;]*/, '$1invented.invented')
    expect(invented).toContain('=invented.invented')
    const answer = await createPerson(app.url).call(
      'POST',
      '/api/session',
      { email: theirs.email, password: WRONG },
      { 'x-forwarded-for': address, cookie: invented },
    )
    expect(answer.status).toBe(429)
  })

  it('sees the same for an address without an account', async () => {
    const outcomes = async (email: string) => {
      const address = newAddress()
      const answers = []
      for (let n = 0; n < 7; n += 1) {
        const { status, body } = await signIn(email, WRONG, address)
        answers.push([status, body.code, body.detail.replace(/\d+ seconds/, 'N seconds')])
      }
      return answers
    }
    const { email } = await createUser()
    const known = await outcomes(email)
    expect(known.map(([status]) => status)).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect(await outcomes(newEmail())).toEqual(known)
    expect(await outcomes(email.toUpperCase())).toEqual(known)
  })

  it('may try again after the wait, and does not wait after the right password', async () => {
    const { email } = await createUser()
    const address = newAddress()
    for (let n = 0; n < 5; n += 1) await signIn(email, WRONG, address)
    // As a minute later.
    await app.database.db.pool.query('update bellwire.password_attempts set retry_at = now()')
    expect((await signIn(email, PASSWORD, address)).status).toBe(200)
    expect((await signIn(email, WRONG, address)).status).toBe(401)
  })

  it('with a stolen session is slowed down as well, and the user can still change the password', async () => {
    const { email } = await createUser()
    const [thief, user] = [createPerson(app.url), createPerson(app.url)]
    for (const person of [thief, user]) await signIn(email, PASSWORD, newAddress(), person)
    const change = (person: Person, current_password: string) =>
      person.call('PUT', '/api/session/password', { current_password, password: WRONG })
    const statuses = []
    for (let n = 0; n < 6; n += 1) statuses.push((await change(thief, WRONG)).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    expect((await change(user, PASSWORD)).status).toBe(204)
  })

  it('and knew an earlier password has no known browser, unlike the person who changed it', async () => {
    const { email } = await createUser()
    const [former, user] = [createPerson(app.url), createPerson(app.url)]
    for (const person of [former, user]) await signIn(email, PASSWORD, newAddress(), person)
    const change = { current_password: PASSWORD, password: WRONG }
    expect((await user.call('PUT', '/api/session/password', change)).status).toBe(204)
    const address = newAddress()
    for (let n = 0; n < 5; n += 1) expect((await signIn(email, PASSWORD, address)).status).toBe(401)
    expect((await signIn(email, WRONG, address, former)).status).toBe(429)
    expect((await signIn(email, WRONG, address, user)).status).toBe(200)
  })
})

it('keys and links have their own limit, which passwords do not use up', async () => {
  const { email } = await createUser()
  const address = newAddress()
  for (let n = 0; n < 6; n += 1) await signIn(email, WRONG, address)
  const headers = { 'x-forwarded-for': address }
  const wrong = await createPerson(app.url).call('POST', '/api/session', { key: 'wrong' }, headers)
  expect(wrong.status).toBe(401)
  const right = await createPerson(app.url).call('POST', '/api/session', { key: app.adminKey }, headers)
  expect(right.status).toBe(200)
})
