import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'
import { createPerson, type Person } from './harness/person.ts'
import { waitFor } from './harness/waitFor.ts'

const PASSWORD = 'correct horse battery'
const OTHER = 'another horse battery'

let app: TestApp
/** Another front door over the same database. */
let elsewhere: { url: string; stop(): Promise<void> }
let count = 0

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  elsewhere = await app.startFrontDoor()
})
afterAll(async () => {
  await elsewhere.stop()
  await app.stop()
})

// Each test may fail to sign in as often as it likes.
afterEach(() =>
  app.database.db.pool.query('delete from bellwire.failed_attempts; delete from bellwire.password_attempts'),
)

const newEmail = () => `person${(count += 1)}@example.com`

/** Creates a user with the admin key. */
async function createUser(role: string, more: object = {}): Promise<{ id: string; email: string }> {
  const email = newEmail()
  const made = await app.call('POST', '/api/users', { email, name: 'Ada', role, password: PASSWORD, ...more })
  expect([made.status, made.body.role]).toEqual([201, role])
  return { id: made.body.id, email }
}

async function signIn(email: string, password = PASSWORD): Promise<Person> {
  const person = createPerson(app.url)
  const answer = await person.call('POST', '/api/session', { email, password })
  expect(answer.status).toBe(200)
  return person
}

/** Statements that wait for a lock, such as that on the row of a user. */
async function waitingForUsers(): Promise<number> {
  const { rows } = await app.database.db.pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%bellwire.users%'`,
  )
  return rows[0]?.count ?? 0
}

const refusal = ({ status, body }: Reply) => ({ status, code: body.code, message: body.message })

const statusesOf = (answers: Reply[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b)

const tokenIn = (url: string): string => new URL(url).hash.slice(1)

describe('without users', () => {
  it('nothing asks for one, and a key is that of an owner', async () => {
    expect((await createPerson(app.url).call('GET', '/api/sign_in')).body).toEqual({
      password: false,
      oidc: null,
    })
    expect((await app.call('GET', '/api/session')).body).toEqual({
      via: 'key',
      role: 'owner',
      user: null,
      people: false,
      expires_at: null,
    })
    const person = createPerson(app.url)
    const signedIn = await person.call('POST', '/api/session', { key: app.adminKey })
    expect(signedIn).toMatchObject({ status: 200, body: { via: 'key', role: 'owner', people: false } })
  })
})

describe('a user', () => {
  it('signs in with email and password, at any front door', async () => {
    const { id, email } = await createUser('owner')
    expect((await createPerson(app.url).call('GET', '/api/sign_in')).body).toMatchObject({ password: true })
    const person = await signIn(email.toUpperCase())
    const session = await person.call('GET', '/api/session')
    expect(session.body).toEqual({
      via: 'password',
      role: 'owner',
      user: { id, email, name: 'Ada', has_password: true },
      people: true,
      expires_at: expect.any(String),
    })
    const { port } = new URL(app.url)
    const moved = { cookie: person.cookie().replace(`_${port}=`, `_${new URL(elsewhere.url).port}=`) }
    const there = await createPerson(elsewhere.url).call('GET', '/api/session', undefined, moved)
    expect(there.body.user.id).toBe(id)
    const [user] = (await app.call('GET', `/api/users?limit=1`)).body.data
    expect(user).toMatchObject({ id, has_password: true, disabled: false, has_single_sign_on: false })
    expect(Date.parse(user.last_sign_in_at)).toBeGreaterThan(Date.parse(user.created_at))
  })

  it('is told the same for a wrong password, an unknown address and a disabled user, in the same time', async () => {
    const { email } = await createUser('viewer')
    const off = await createUser('viewer')
    await app.call('PATCH', `/api/users/${off.id}`, { disabled: true })
    const attempts = [
      { email, password: OTHER },
      { email: newEmail(), password: PASSWORD },
      { email: off.email, password: PASSWORD },
    ]
    const times: number[] = []
    for (const attempt of attempts) {
      const took: number[] = []
      for (let n = 0; n < 3; n += 1) {
        const start = performance.now()
        const answer = await createPerson(app.url).call('POST', '/api/session', attempt)
        took.push(performance.now() - start)
        expect(refusal(answer)).toEqual({
          status: 401,
          code: 'sign_in_refused',
          message: 'The email address or the password is wrong.',
        })
      }
      times.push(Math.min(...took))
    }
    // A hash takes much longer than all the rest of the request.
    expect(Math.min(...times)).toBeGreaterThan(Math.max(...times) / 4)
  }, 60_000)

  it('cannot be created twice, nor with a short password', async () => {
    const { email } = await createUser('viewer')
    const user = { email: email.toUpperCase(), name: 'Bob', role: 'viewer', password: PASSWORD }
    expect((await app.call('POST', '/api/users', user)).body).toMatchObject({ code: 'email_taken' })
    const short = await app.call('POST', '/api/users', {
      ...user,
      email: newEmail(),
      password: 'elevenchars',
    })
    expect(short.status).toBe(422)
    expect(short.body.errors).toEqual([{ pointer: '/password', detail: 'use at least 12 characters' }])
    const odd = await app.call('POST', '/api/users', { ...user, email: 'nobody' })
    expect(odd.body.errors).toEqual([{ pointer: '/email', detail: 'use an email address' }])
  })

  it('leaves no password and no token in the log', async () => {
    const { id, email } = await createUser('viewer')
    await signIn(email)
    const reset = await app.call('POST', `/api/users/${id}/password_reset`)
    expect(app.logged()).toContain('/api/session')
    for (const secret of [PASSWORD, tokenIn(reset.body.url)]) expect(app.logged()).not.toContain(secret)
    const { rows } = await app.database.db.pool.query('select * from bellwire.users, bellwire.user_links')
    for (const secret of [PASSWORD, tokenIn(reset.body.url)])
      expect(JSON.stringify(rows)).not.toContain(secret)
  })
})

describe('a role', () => {
  it('is enforced, and the refusal names both roles', async () => {
    const person = await signIn((await createUser('viewer')).email)
    expect((await person.call('GET', '/api/agents')).status).toBe(200)
    const refused = await person.call('PUT', '/api/secrets/TOKEN', { value: 'x' })
    expect(refused.status).toBe(403)
    expect(refused.body).toMatchObject({ code: 'role_insufficient', required_role: 'editor', role: 'viewer' })
  })

  it('that changes applies to open sessions, at every front door', async () => {
    const { id, email } = await createUser('viewer')
    const person = await signIn(email)
    const { port } = new URL(app.url)
    const cookie = person.cookie().replace(`_${port}=`, `_${new URL(elsewhere.url).port}=`)
    const roleElsewhere = async () =>
      (await createPerson(elsewhere.url).call('GET', '/api/session', undefined, { cookie })).body.role
    expect(await roleElsewhere()).toBe('viewer')
    expect((await app.call('PATCH', `/api/users/${id}`, { role: 'editor' })).body.role).toBe('editor')
    expect((await person.call('PUT', '/api/secrets/BY_EDITOR', { value: 'x' })).status).toBe(200)
    await waitFor(async () => (await roleElsewhere()) === 'editor')
  })

  it('less than editor does not see the URLs that start agents', async () => {
    const { id, url } = await app.createAgent()
    const urlFor = async (role: string) => {
      const person = await signIn((await createUser(role)).email)
      const { body } = await person.call('GET', `/api/agents/${id}/webhooks`)
      const [webhook] = body.data
      const one = await person.call('GET', `/api/agents/${id}/webhooks/${webhook.id}`)
      expect(one.body.url).toBe(webhook.url)
      return webhook.url
    }
    expect(await urlFor('editor')).toBe(url)
    for (const role of ['viewer', 'approver']) {
      expect(await urlFor(role)).toBe(`${app.url}/api/webhooks/agents/********`)
    }
  })

  it('of a key is that of its sessions', async () => {
    const made = await app.call('POST', '/api/api_keys', { name: 'Board', scope: 'admin', role: 'viewer' })
    expect(made.body.key).toMatch(/^bw_admin_/)
    const person = createPerson(app.url)
    const session = await person.call('POST', '/api/session', { key: made.body.key })
    expect(session.body).toMatchObject({ via: 'key', role: 'viewer', user: null })
    expect((await person.call('POST', '/api/agents', {})).body).toMatchObject({ code: 'role_insufficient' })
  })
})

describe('disabling a user', () => {
  it('ends the sessions at every front door; enabling lets the user sign in again', async () => {
    const { id, email } = await createUser('editor')
    const person = await signIn(email)
    const { port } = new URL(app.url)
    const cookie = person.cookie().replace(`_${port}=`, `_${new URL(elsewhere.url).port}=`)
    const statusElsewhere = async () =>
      (await createPerson(elsewhere.url).call('GET', '/api/session', undefined, { cookie })).status
    expect(await statusElsewhere()).toBe(200)
    expect((await app.call('PATCH', `/api/users/${id}`, { disabled: true })).body.disabled).toBe(true)
    expect((await person.call('GET', '/api/session')).status).toBe(401)
    await waitFor(async () => (await statusElsewhere()) === 401)
    const refused = await createPerson(app.url).call('POST', '/api/session', { email, password: PASSWORD })
    expect(refused.status).toBe(401)
    await app.call('PATCH', `/api/users/${id}`, { disabled: false })
    expect((await person.call('GET', '/api/session')).status).toBe(401)
    await signIn(email)
  })

  it('is not undone by another change at the same moment', async () => {
    // Changes wait for each other's locks on owners, if there are any.
    await app.database.db.pool.query(`update bellwire.users set role = 'viewer' where role = 'owner'`)
    const { id } = await createUser('viewer')
    const blocker = await app.database.db.pool.connect()
    let answers: Promise<Reply>[] = []
    try {
      await blocker.query('begin')
      await blocker.query('select from bellwire.users where id = $1 for update', [id])
      answers = [{ disabled: true }, { name: 'Grace' }].map((patch) =>
        app.call('PATCH', `/api/users/${id}`, patch),
      )
      await waitFor(async () => (await waitingForUsers()) >= 2)
    } finally {
      await blocker.query('rollback')
      blocker.release()
    }
    expect(statusesOf(await Promise.all(answers))).toEqual([200, 200])
    const { body } = await app.call('GET', `/api/users/${id}`)
    expect(body).toMatchObject({ disabled: true, name: 'Grace' })
  })

  it('and deleting one too', async () => {
    const { id, email } = await createUser('editor')
    const person = await signIn(email)
    expect((await app.call('DELETE', `/api/users/${id}`)).status).toBe(204)
    expect((await person.call('GET', '/api/session')).status).toBe(401)
    expect((await app.call('GET', `/api/users/${id}`)).body.code).toBe('user_not_found')
    for (const none of [id, 'nonsense']) {
      expect((await app.call('DELETE', `/api/users/${none}`)).body.code).toBe('user_not_found')
    }
  })
})

describe('the last owner', () => {
  const owners = async () => {
    const { body } = await app.call('GET', '/api/users?limit=200')
    return (body.data as { id: string; role: string; disabled: boolean }[]).filter(
      ({ role, disabled }) => role === 'owner' && !disabled,
    )
  }

  it('cannot be demoted, disabled or deleted, also by two requests at once', async () => {
    await createUser('owner')
    await createUser('owner')
    for (const { id } of (await owners()).slice(2)) await app.call('DELETE', `/api/users/${id}`)
    const [one, other] = await owners()
    const answers = await Promise.all(
      [one, other].map((user) => app.call('PATCH', `/api/users/${user?.id}`, { role: 'viewer' })),
    )
    expect(statusesOf(answers)).toEqual([200, 409])
    const [last] = await owners()
    for (const [method, body] of [
      ['PATCH', { role: 'editor' }],
      ['PATCH', { disabled: true }],
      ['DELETE', undefined],
    ] as const) {
      const refused = await app.call(method, `/api/users/${last?.id}`, body)
      expect([refused.status, refused.body.code]).toEqual([409, 'last_owner'])
    }
    expect((await app.call('PATCH', `/api/users/${last?.id}`, { name: 'Grace', role: 'owner' })).status).toBe(
      200,
    )
  })
})

describe('an invitation', () => {
  const invite = async (email: string, role = 'editor') => {
    const made = await app.call('POST', '/api/invitations', { email, role })
    expect(made.status).toBe(201)
    return made.body as { id: string; url: string; created_by: string }
  }
  const accept = (url: string, more: object = {}, person = createPerson(app.url)) =>
    person.call('POST', '/api/invitations/accept', {
      token: tokenIn(url),
      name: 'Lin',
      password: PASSWORD,
      ...more,
    })

  it('makes a user who is signed in, once', async () => {
    const email = newEmail()
    const { url, created_by } = await invite(email)
    expect(url).toMatch(new RegExp(`^${app.url}/invitation#[\\w-]{43}$`))
    expect(created_by).toBe('environment')
    const check = () => createPerson(app.url).call('POST', '/api/user_links/check', { token: tokenIn(url) })
    expect((await check()).body).toMatchObject({ kind: 'invitation', email, role: 'editor' })
    expect((await check()).status).toBe(200)

    const people = [createPerson(app.url), createPerson(elsewhere.url), createPerson(app.url)]
    const answers = await Promise.all(people.map((person) => accept(url, {}, person)))
    expect(statusesOf(answers)).toEqual([200, 403, 403])
    const won = answers.findIndex(({ status }) => status === 200)
    expect(answers[won]?.body).toMatchObject({
      via: 'password',
      role: 'editor',
      user: { email, name: 'Lin' },
    })
    expect((await people[won]?.call('GET', '/api/session'))?.status).toBe(200)
    for (const answer of [await check(), await accept(url)]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'link_invalid' } })
    }
    await signIn(email)
  })

  it('is replaced by the next one for the same address', async () => {
    const email = newEmail()
    const first = await invite(email, 'owner')
    const second = await invite(email.toUpperCase(), 'viewer')
    expect((await accept(first.url)).body).toMatchObject({ code: 'link_invalid' })
    expect((await accept(second.url)).body).toMatchObject({ role: 'viewer' })
    expect((await app.call('POST', '/api/invitations', { email, role: 'viewer' })).body.code).toBe(
      'email_taken',
    )
  })

  it('ends when it is deleted, and after seven days', async () => {
    const deleted = await invite(newEmail())
    const { body: list } = await app.call('GET', '/api/invitations?limit=1')
    expect(list.data[0].id).toBe(deleted.id)
    expect(JSON.stringify(list)).not.toContain(tokenIn(deleted.url))
    expect((await app.call('DELETE', `/api/invitations/${deleted.id}`)).status).toBe(204)
    expect((await app.call('DELETE', `/api/invitations/${deleted.id}`)).body.code).toBe(
      'invitation_not_found',
    )
    expect((await accept(deleted.url)).status).toBe(403)

    const old = await invite(newEmail())
    const { rowCount } = await app.database.db.pool.query(
      `update bellwire.user_links set expires_at = expires_at - interval '7 days' where id = $1`,
      [old.id],
    )
    expect(rowCount).toBe(1)
    expect((await accept(old.url)).body).toMatchObject({ code: 'link_invalid' })
  })

  it('does not bring back a user who was deleted', async () => {
    const email = newEmail()
    const { url } = await invite(email)
    const user = { email: email.toUpperCase(), name: 'Lin', role: 'editor', password: PASSWORD }
    const { body } = await app.call('POST', '/api/users', user)
    expect((await accept(url)).body.code).toBe('email_taken')
    expect((await app.call('DELETE', `/api/users/${body.id}`)).status).toBe(204)
    expect((await accept(url)).body.code).toBe('link_invalid')
    expect((await accept((await invite(email)).url)).status).toBe(200)
  })

  it('is not accepted with a short password, or from another site', async () => {
    const { url } = await invite(newEmail())
    expect((await accept(url, { password: 'too short' })).status).toBe(422)
    const body = { token: tokenIn(url), name: 'Lin', password: PASSWORD }
    const foreign = await createPerson(app.url).call('POST', '/api/invitations/accept', body, {
      'sec-fetch-site': 'cross-site',
    })
    expect(foreign.body).toMatchObject({ code: 'cross_origin' })
    expect((await accept(url)).status).toBe(200)
  })

  it('is no password reset, nor the other way round', async () => {
    const { url } = await invite(newEmail())
    const body = { token: tokenIn(url), password: PASSWORD }
    const reset = await createPerson(app.url).call('POST', '/api/password_resets/accept', body)
    expect(reset.body).toMatchObject({ code: 'link_invalid' })
    const { id } = await createUser('viewer')
    const link = await app.call('POST', `/api/users/${id}/password_reset`)
    expect((await accept(link.body.url)).body).toMatchObject({ code: 'link_invalid' })
  })
})

describe('a password', () => {
  it('is reset with a link, which ends all sessions', async () => {
    const { id, email } = await createUser('viewer')
    const before = await signIn(email)
    const made = await app.call('POST', `/api/users/${id}/password_reset`)
    expect(made.status).toBe(201)
    expect(made.body.url).toMatch(new RegExp(`^${app.url}/password-reset#[\\w-]{43}$`))
    const token = tokenIn(made.body.url)
    const person = createPerson(app.url)
    expect((await person.call('POST', '/api/user_links/check', { token })).body).toMatchObject({
      kind: 'password_reset',
      email,
    })
    const accepted = await person.call('POST', '/api/password_resets/accept', { token, password: OTHER })
    expect(accepted).toMatchObject({ status: 200, body: { user: { id } } })
    expect((await before.call('GET', '/api/session')).status).toBe(401)
    expect((await person.call('GET', '/api/session')).status).toBe(200)
    const again = await person.call('POST', '/api/password_resets/accept', { token, password: OTHER })
    expect(again.body).toMatchObject({ code: 'link_invalid' })
    const old = await createPerson(app.url).call('POST', '/api/session', { email, password: PASSWORD })
    expect(old.status).toBe(401)
    await signIn(email, OTHER)
  })

  it('is changed by its user, which ends the other sessions and open links', async () => {
    const { id, email } = await createUser('viewer')
    const [here, there] = [await signIn(email), await signIn(email)]
    const link = await app.call('POST', `/api/users/${id}/password_reset`)
    const change = (current_password?: string) =>
      here.call('PUT', '/api/session/password', { current_password, password: OTHER })
    expect((await change(OTHER)).body).toMatchObject({ code: 'sign_in_refused', status: 401 })
    expect((await change()).body).toMatchObject({ code: 'sign_in_refused' })
    expect((await change(PASSWORD)).status).toBe(204)
    expect((await here.call('GET', '/api/session')).status).toBe(200)
    expect((await there.call('GET', '/api/session')).status).toBe(401)
    const body = { token: tokenIn(link.body.url), password: PASSWORD }
    expect((await here.call('POST', '/api/password_resets/accept', body)).body.code).toBe('link_invalid')
    await signIn(email, OTHER)
  })

  it('belongs to a user, not to a key', async () => {
    const body = { current_password: PASSWORD, password: OTHER }
    expect((await app.call('PUT', '/api/session/password', body)).body).toMatchObject({ code: 'conflict' })
  })
})

describe('links that an owner created', () => {
  /** An owner with an invitation and a password link of theirs. */
  async function createLinks() {
    const owner = await createUser('owner')
    const person = await signIn(owner.email)
    const user = await createUser('viewer')
    const invitation = await person.call('POST', '/api/invitations', { email: newEmail(), role: 'owner' })
    const reset = await person.call('POST', `/api/users/${user.id}/password_reset`)
    expect([invitation.status, reset.status]).toEqual([201, 201])
    const tokens = [invitation, reset].map(({ body }) => tokenIn(body.url))
    return { owner, person, tokens }
  }
  const check = (token: string) => createPerson(app.url).call('POST', '/api/user_links/check', { token })
  const codesOf = async (tokens: string[]) =>
    (await Promise.all(tokens.map(check))).map(({ body }) => body.code)

  it.each([
    ['is removed', (id: string) => app.call('DELETE', `/api/users/${id}`)],
    ['loses the role', (id: string) => app.call('PATCH', `/api/users/${id}`, { role: 'editor' })],
    ['is disabled', (id: string) => app.call('PATCH', `/api/users/${id}`, { disabled: true })],
  ])('end when the owner %s', async (_what, change) => {
    await createUser('owner')
    const { owner, tokens } = await createLinks()
    expect((await app.call('PATCH', `/api/users/${owner.id}`, { name: 'Grace' })).status).toBe(200)
    expect(await codesOf(tokens)).toEqual([undefined, undefined])
    expect([200, 204]).toContain((await change(owner.id)).status)
    expect(await codesOf(tokens)).toEqual(['link_invalid', 'link_invalid'])
    const [token] = tokens
    const body = { token, name: 'Eve', password: PASSWORD }
    expect((await createPerson(app.url).call('POST', '/api/invitations/accept', body)).status).toBe(403)
  })

  it('with a key end with the key', async () => {
    const { body: key } = await app.call('POST', '/api/api_keys', { name: 'Goes', scope: 'admin' })
    const headers = { authorization: `Bearer ${key.key}` }
    const invitation = { email: newEmail(), role: 'owner' }
    const { body } = await app.call('POST', '/api/invitations', invitation, headers)
    const token = tokenIn(body.url)
    expect((await check(token)).status).toBe(200)
    expect((await app.call('DELETE', `/api/api_keys/${key.id}`)).status).toBe(204)
    expect((await check(token)).body.code).toBe('link_invalid')
  })

  it('are not created by one who is losing the role at that moment', async () => {
    await createUser('owner')
    const { owner, person } = await createLinks()
    const blocker = await app.database.db.pool.connect()
    const email = newEmail()
    let answer: Promise<Reply> | undefined
    try {
      await blocker.query('begin')
      await blocker.query(`update bellwire.users set role = 'viewer' where id = $1`, [owner.id])
      answer = person.call('POST', '/api/invitations', { email, role: 'owner' })
      await waitFor(async () => (await waitingForUsers()) >= 1)
    } finally {
      await blocker.query('commit')
      blocker.release()
    }
    expect((await answer)?.body).toMatchObject({ status: 403, code: 'role_insufficient' })
  })
})

describe('a sign-in with a password that is reset at that moment', () => {
  it('opens no session', async () => {
    const { id, email } = await createUser('viewer')
    const person = createPerson(app.url)
    const blocker = await app.database.db.pool.connect()
    let answer: Promise<Reply> | undefined
    try {
      await blocker.query('begin')
      await blocker.query(
        `update bellwire.users set password_hash = (select password_hash from bellwire.users where id = $2)
          where id = $1`,
        [id, (await createUser('viewer')).id],
      )
      await blocker.query('delete from bellwire.sessions where user_id = $1', [id])
      answer = person.call('POST', '/api/session', { email, password: PASSWORD })
      // The password is right, and the session is about to be opened.
      await waitFor(async () => (await waitingForUsers()) >= 1)
    } finally {
      await blocker.query('commit')
      blocker.release()
    }
    expect((await answer)?.body).toMatchObject({ status: 401, code: 'sign_in_refused' })
    expect((await person.call('GET', '/api/session')).status).toBe(401)
  })

  it('has its session ended, if that was opened before', async () => {
    const { id, email } = await createUser('viewer')
    const person = await signIn(email)
    const { body } = await app.call('POST', `/api/users/${id}/password_reset`)
    const opening = await app.database.db.pool.connect()
    let answer: Promise<Reply> | undefined
    try {
      await opening.query('begin')
      await opening.query('select from bellwire.users where id = $1 for share', [id])
      // As a session that is opened in a transaction which has not ended yet.
      const { rowCount } = await opening.query(
        `insert into bellwire.sessions (hash, user_id, via, expires_at)
          select sha256('late'), user_id, via, expires_at from bellwire.sessions where user_id = $1`,
        [id],
      )
      expect(rowCount).toBe(1)
      const reset = { token: tokenIn(body.url), password: OTHER }
      answer = createPerson(app.url).call('POST', '/api/password_resets/accept', reset)
      await waitFor(async () => (await waitingForUsers()) >= 1)
    } finally {
      await opening.query('commit')
      opening.release()
    }
    expect((await answer)?.status).toBe(200)
    expect((await person.call('GET', '/api/session')).status).toBe(401)
    const { rows } = await app.database.db.pool.query(
      `select from bellwire.sessions where hash = sha256('late')`,
    )
    expect(rows).toEqual([])
  })

  it('does not undo the reset: a change of the password before it is refused', async () => {
    const { id, email } = await createUser('viewer')
    const person = await signIn(email)
    const blocker = await app.database.db.pool.connect()
    let answer: Promise<Reply> | undefined
    try {
      await blocker.query('begin')
      await blocker.query('select from bellwire.users where id = $1 for update', [id])
      const change = { current_password: PASSWORD, password: OTHER }
      answer = person.call('PUT', '/api/session/password', change)
      await waitFor(async () => (await waitingForUsers()) >= 1)
      await blocker.query(`update bellwire.users set password_hash = 'reset' where id = $1`, [id])
      await blocker.query('delete from bellwire.sessions where user_id = $1', [id])
    } finally {
      await blocker.query('commit')
      blocker.release()
    }
    expect((await answer)?.body).toMatchObject({ status: 409, code: 'conflict' })
    const { rows } = await app.database.db.pool.query(
      'select password_hash as hash from bellwire.users where id = $1',
      [id],
    )
    expect(rows).toEqual([{ hash: 'reset' }])
  })
})
