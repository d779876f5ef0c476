import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startBrowser } from './harness/browser.ts'
import { startOidcProvider, type OidcTestProvider, type Tampering } from './harness/oidcProvider.ts'
import { createPerson, type Person } from './harness/person.ts'

const PASSWORD = 'correct horse battery'

let provider: OidcTestProvider
/** People need an invitation. */
let app: TestApp
/** The provider decides about roles; only people of two domains may sign in. */
let strict: TestApp
let count = 0

beforeAll(async () => {
  provider = await startOidcProvider()
  const settings = {
    BELLWIRE_OIDC_ISSUER: provider.issuer,
    BELLWIRE_OIDC_CLIENT_ID: provider.clientId,
    BELLWIRE_OIDC_CLIENT_SECRET: provider.clientSecret,
  }
  app = await startTestApp(settings, { worker: false })
  strict = await startTestApp(
    {
      ...settings,
      BELLWIRE_OIDC_ROLE_CLAIM: 'groups',
      BELLWIRE_OIDC_EMAIL_DOMAINS: 'example.com, example.org',
    },
    { worker: false },
  )
})
afterAll(async () => {
  await app.stop()
  await strict.stop()
  await provider.stop()
})

type Someone = { sub: string; email: string; email_verified: unknown; name: string }

const someone = (more: object = {}): Someone & Record<string, unknown> => ({
  sub: randomUUID(),
  email: `person${(count += 1)}@example.com`,
  email_verified: true,
  name: 'Ada Lovelace',
  ...more,
})

const invite = async (email: string, role: string, at = app) =>
  expect((await at.call('POST', '/api/invitations', { email, role })).status).toBe(201)

/** Goes to the provider, and gives the path with which the browser comes back. */
async function goThere(person: Person, who: Record<string, unknown>, tampering?: Tampering): Promise<string> {
  const start = await person.call('GET', '/api/oidc/start')
  expect(start.status).toBe(302)
  const back = provider.authorize(start.headers.get('location') ?? '', who, tampering)
  return back.pathname + back.search
}

async function signIn(
  who: Record<string, unknown>,
  { at = app, ...tampering }: Tampering & { at?: TestApp } = {},
) {
  const person = createPerson(at.url)
  const page = await person.call('GET', await goThere(person, who, tampering), undefined, {
    'sec-fetch-site': 'cross-site',
  })
  const session = await person.call('GET', '/api/session')
  return { person, page, session: session.status === 200 ? session.body : undefined }
}

const refused = async (who: Record<string, unknown>, tampering?: Tampering & { at?: TestApp }) => {
  const { page, session } = await signIn(who, tampering)
  expect(session).toBeUndefined()
  expect(page.headers.get('content-type')).toMatch('text/html')
  expect(page.body).toContain('oidc_refused')
  expect(page.status).toBe(403)
  return /<p class="error">(.*?)<\/p>/.exec(page.body)?.[1]
}

describe('an invited person', () => {
  it('signs in, and again, with one request for the description of the provider', async () => {
    const who = someone()
    await invite(who.email.toUpperCase(), 'editor')
    const { page, session, person } = await signIn(who)
    expect(page.status).toBe(200)
    expect(page.body).toContain(`content="0;url=${app.url}/"`)
    const cookies = page.headers.getSetCookie()
    expect(cookies[0]).toMatch(/SameSite=Strict/)
    expect(cookies[1]).toMatch(/^bellwire_oidc_\d+=; Path=\/api\/oidc; HttpOnly; SameSite=Lax; Max-Age=0$/)
    expect(session).toMatchObject({
      via: 'oidc',
      role: 'editor',
      user: { email: who.email, name: 'Ada Lovelace', has_password: false },
    })
    expect(person.cookie()).not.toContain('oidc')
    const again = await signIn({ ...who, email: `new-${who.email}` })
    expect(again.session.user).toEqual(session.user)
    expect(provider.requests.get('/.well-known/openid-configuration')).toBeLessThanOrEqual(2)
    const { body } = await app.call('GET', `/api/audit?object=${session.user.id}`)
    expect(body.data).toMatchObject([
      { actor: { type: 'link', name: 'Single sign-on' }, operation: 'finishSingleSignOn', outcome: 'done' },
    ])
    expect((await app.call('GET', '/api/invitations')).body.data).toEqual([])
  })

  it('who has a password keeps account and role', async () => {
    const who = someone()
    const user = { email: who.email, name: 'Grace', role: 'approver', password: PASSWORD }
    const { body } = await app.call('POST', '/api/users', user)
    const { session } = await signIn(who)
    expect(session).toMatchObject({
      role: 'approver',
      user: { id: body.id, name: 'Grace', has_password: true },
    })
    expect((await app.call('GET', `/api/users/${body.id}`)).body.has_single_sign_on).toBe(true)
    const other = await refused(someone({ email: who.email }))
    expect(other).toBe(`${who.email} belongs to another account of the provider.`)
  })

  it('is found by the userinfo endpoint, if the token does not say the email address', async () => {
    const { sub, email, email_verified, name } = someone()
    await invite(email, 'viewer')
    const { session } = await signIn({ sub }, { userInfo: { email, email_verified, name } })
    expect(session).toMatchObject({ user: { email, name } })
  })
})

describe('nobody signs in', () => {
  it('without an invitation', async () => {
    const who = someone()
    expect(await refused(who)).toBe(`Nobody has invited ${who.email}. Ask an owner for an invitation.`)
  })

  it.each([
    ['is missing', undefined],
    ['is false', false],
    ['is a text', 'true'],
  ])('whose email_verified %s', async (_what, email_verified) => {
    const who = someone({ email_verified })
    await invite(who.email, 'owner')
    expect(await refused(who)).toBe('The provider has not verified the email address.')
  })

  it('whose address is that of another user in lower case, and is another mailbox', async () => {
    const { email } = someone({ email: `kim${(count += 1)}@example.com` })
    await app.call('POST', '/api/users', { email, name: 'Kim', role: 'editor', password: PASSWORD })
    const who = someone({ email: email.replace('k', '\u212A') })
    expect(who.email.toLowerCase()).toBe(email)
    expect(await refused(who)).toBe('The email address has a letter that is easily taken for another.')
  })

  it('who is disabled', async () => {
    const who = someone()
    await invite(who.email, 'viewer')
    const { session } = await signIn(who)
    await app.call('PATCH', `/api/users/${session.user.id}`, { disabled: true })
    expect(await refused(who)).toBe('This user is disabled.')
  })

  it.each<[string, Tampering]>([
    ['signed by another key', { foreignKey: true }],
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['for another client', { claims: { aud: 'another' } }],
    ['with another nonce', { claims: { nonce: 'another' } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['that has expired', { claims: { exp: Math.floor(Date.now() / 1000) - 3_600 } }],
    ['that came by another provider', { iss: 'https://evil.example' }],
  ])('with a token %s', async (_what, tampering) => {
    const who = someone()
    await invite(who.email, 'owner')
    expect(await refused(who, tampering)).toBe('The answer of the provider is not valid.')
  })

  it('whom the provider refuses', async () => {
    expect(await refused(someone(), { error: 'access_denied' })).toBe('The provider answered access_denied.')
  })

  it('with a state that is unknown, used, too old or of another browser', async () => {
    const who = someone()
    await invite(who.email, 'viewer')
    const gone =
      'This sign-in was finished before, took longer than ten minutes, or began in another browser.'
    expect(await refused(who, { state: 'guessed' })).toBe(gone)

    const come = async (person: Person, path: string) => {
      const page = await person.call('GET', path)
      const signedIn = (await person.call('GET', '/api/session')).status === 200
      return [page.status, signedIn, page.body.includes(gone)]
    }
    const victim = createPerson(app.url)
    const path = await goThere(createPerson(app.url), who)
    expect(await come(victim, path)).toEqual([403, false, true])

    const person = createPerson(app.url)
    const good = await goThere(person, who)
    const late = await goThere(person, who)
    const { rowCount } = await app.database.db.pool.query(
      `update bellwire.oidc_sign_ins set expires_at = now() - interval '1 second'`,
    )
    expect(rowCount).toBeGreaterThan(1)
    expect(await come(person, late)).toEqual([403, false, true])
    expect(await come(person, good)).toEqual([403, false, true])

    const first = createPerson(app.url)
    const once = await goThere(first, who)
    const cookie = first.cookie()
    const answers = await Promise.all(
      [1, 2, 3].map(() => createPerson(app.url).call('GET', once, undefined, { cookie })),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403, 403])
  })

  it('with a code that the provider does not know', async () => {
    const who = someone()
    await invite(who.email, 'viewer')
    const person = createPerson(app.url)
    const path = (await goThere(person, who)).replace(/code=[\w-]+/, 'code=guessed')
    const page = await person.call('GET', path)
    expect([page.status, page.body.includes('oidc_refused')]).toEqual([403, true])
  })
})

describe('with a claim for roles', () => {
  it('the provider decides the role at each sign-in, and lists may name others', async () => {
    const who = someone()
    const first = await signIn({ ...who, groups: ['staff', 'approver', 'viewer'] }, { at: strict })
    expect(first.session).toMatchObject({ role: 'approver' })
    const second = await signIn({ ...who, groups: 'editor' }, { at: strict })
    expect(second.session).toMatchObject({ role: 'editor', user: { id: first.session.user.id } })
    // The session before has the new role too.
    expect((await first.person.call('GET', '/api/session')).body.role).toBe('editor')
    expect(await refused({ ...who, groups: ['staff'] }, { at: strict })).toBe(
      'The provider gives this account no role here.',
    )
  })

  it('the last owner stays one', async () => {
    const who = someone()
    expect((await signIn({ ...who, groups: 'owner' }, { at: strict })).session).toMatchObject({
      role: 'owner',
    })
    expect((await signIn({ ...who, groups: 'viewer' }, { at: strict })).session).toMatchObject({
      role: 'owner',
    })
  })

  it('and only addresses of the configured domains', async () => {
    const at = strict
    const other = someone({ email: 'eve@evil.example', groups: 'owner' })
    expect(await refused(other, { at })).toBe('Email addresses of evil.example cannot sign in here.')
    const sub = someone({ email: 'eve@sub.example.com', groups: 'owner' })
    expect(await refused(sub, { at })).toBe('Email addresses of sub.example.com cannot sign in here.')
    const good = someone({ email: `Ada@Example.ORG`, groups: 'viewer' })
    expect((await signIn(good, { at })).session).toMatchObject({ user: { email: 'Ada@Example.ORG' } })
  })
})

it('the sign-in page learns where to go', async () => {
  expect((await createPerson(app.url).call('GET', '/api/sign_in')).body.oidc).toEqual({
    url: `${app.url}/api/oidc/start`,
  })
})

it('a sign-in that begins at one front door ends at another', async () => {
  // Behind one address, as a load balancer has them.
  const elsewhere = await app.startFrontDoor({ publicUrl: app.url })
  try {
    const who = someone()
    await invite(who.email, 'viewer')
    const person = createPerson(app.url)
    const path = await goThere(person, who)
    const headers = { cookie: person.cookie() }
    const page = await createPerson(elsewhere.url).call('GET', path, undefined, headers)
    expect([page.status, page.headers.getSetCookie().length]).toEqual([200, 2])
    expect((await person.call('GET', path)).body).toContain('finished before')
  } finally {
    await elsewhere.stop()
  }
})

it('a browser comes back signed in, although its session cookie is for this site alone', async () => {
  const [elsewhere, browser] = [await startOidcProvider({ host: 'localhost' }), await startBrowser()]
  const other = await startTestApp(
    {
      BELLWIRE_OIDC_ISSUER: elsewhere.issuer,
      BELLWIRE_OIDC_CLIENT_ID: elsewhere.clientId,
      BELLWIRE_OIDC_CLIENT_SECRET: elsewhere.clientSecret,
      BELLWIRE_OIDC_DEFAULT_ROLE: 'viewer',
    },
    { worker: false },
  )
  try {
    const who = someone()
    elsewhere.expect(who)
    const page = await browser.newPage()
    // The page after the sign-in asks with the cookies that the browser sends along.
    const session = page.waitForResponse((response) => response.url() === `${other.url}/`)
    await page.goto(`${other.url}/api/oidc/start`)
    const sent = await (await session).request().headerValue('cookie')
    expect(sent).toMatch(/bellwire_session_\d+=/)
    const { body } = await createPerson(other.url).call('GET', '/api/session', undefined, {
      cookie: sent ?? '',
    })
    expect(body).toMatchObject({ via: 'oidc', role: 'viewer', user: { email: who.email } })
  } finally {
    await browser.close()
    await other.stop()
    await elsewhere.stop()
  }
})

describe('a person without a password', () => {
  const set = (person: Person) => person.call('PUT', '/api/session/password', { password: PASSWORD })

  it('sets one after a recent sign-in only', async () => {
    const who = someone()
    await invite(who.email, 'viewer')
    const { person, session } = await signIn(who)
    const age = (minutes: number) =>
      app.database.db.pool.query(
        `update bellwire.sessions set created_at = now() - make_interval(mins => $2) where user_id = $1`,
        [session.user.id, minutes],
      )
    await age(16)
    const refused = await set(person)
    expect(refused.body).toMatchObject({ status: 403, code: 'recent_sign_in_required' })
    expect(refused.body.detail).toContain('sign in again')
    expect((await person.call('GET', '/api/session')).body.user.has_password).toBe(false)
    await age(14)
    expect((await set(person)).status).toBe(204)
    // From now on it takes the current password.
    expect((await set(person)).body).toMatchObject({ code: 'sign_in_refused' })
  })

  it('sets one once, of two requests at the same time', async () => {
    const who = someone()
    await invite(who.email, 'viewer')
    const { person } = await signIn(who)
    const statuses = (await Promise.all([set(person), set(person)])).map(({ status }) => status)
    expect(statuses.filter((status) => status === 204)).toHaveLength(1)
  })
})

describe('sign-ins that are started and not completed', () => {
  let proxied: TestApp

  beforeAll(async () => {
    proxied = await startTestApp(
      {
        BELLWIRE_OIDC_ISSUER: provider.issuer,
        BELLWIRE_OIDC_CLIENT_ID: provider.clientId,
        BELLWIRE_OIDC_CLIENT_SECRET: provider.clientSecret,
        BELLWIRE_OIDC_DEFAULT_ROLE: 'viewer',
        BELLWIRE_TRUSTED_PROXIES: '127.0.0.0/8',
      },
      { worker: false },
    )
  })
  afterAll(() => proxied.stop())

  const from = (address: string) => ({ 'x-forwarded-for': address })
  const begin = (address: string, person = createPerson(proxied.url)) =>
    person.call('GET', '/api/oidc/start', undefined, from(address))
  const countRows = async () => {
    const { rows } = await proxied.database.db.pool.query<{ count: number }>(
      'select count(*)::int as count from bellwire.oidc_sign_ins',
    )
    return rows[0]?.count
  }
  const clear = () => proxied.database.db.pool.query('delete from bellwire.oidc_sign_ins')

  it('are limited for each address, at all front doors, until they expire', async () => {
    const elsewhere = await proxied.startFrontDoor({ publicUrl: proxied.url })
    try {
      await clear()
      const people = Array.from({ length: 60 }, (_, n) => createPerson(n % 2 ? elsewhere.url : proxied.url))
      const answers = await Promise.all(people.map((person) => begin('203.0.113.1', person)))
      expect(answers.filter(({ status }) => status === 302)).toHaveLength(50)
      const refused = answers.find(({ status }) => status === 429)
      expect(refused?.headers.get('content-type')).toMatch('text/html')
      expect(refused?.body).toContain('Too many sign-ins were started and not completed.')
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(500)
      expect((await begin('203.0.113.2')).status).toBe(302)
      expect(await countRows()).toBe(51)
      await proxied.database.db.pool.query('update bellwire.oidc_sign_ins set expires_at = now()')
      expect((await begin('203.0.113.1')).status).toBe(302)
      expect(await countRows()).toBe(1)
    } finally {
      await elsewhere.stop()
    }
  })

  it('are limited in total', async () => {
    await clear()
    await proxied.database.db.pool.query(
      `insert into bellwire.oidc_sign_ins (hash, browser, nonce, code_verifier, address, expires_at)
        select sha256(n::text::bytea), 'browser', 'nonce', 'verifier', '198.51.100.' || n, now() + interval '5 minutes'
        from generate_series(1, 10000) n`,
    )
    const refused = await begin('203.0.113.3')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(200)
    expect(await countRows()).toBe(10_000)
    await clear()
  })

  it('count if they were refused at the end, but not if they have led to a session', async () => {
    await clear()
    const address = '203.0.113.4'
    const finish = async (tampering?: Tampering) => {
      const person = createPerson(proxied.url)
      const start = await begin(address, person)
      const { pathname, search } = provider.authorize(
        start.headers.get('location') ?? '',
        someone(),
        tampering,
      )
      return (await person.call('GET', pathname + search, undefined, from(address))).status
    }
    expect(await finish()).toBe(200)
    expect(await countRows()).toBe(0)
    expect(await finish({ error: 'access_denied' })).toBe(403)
    expect(await countRows()).toBe(1)
    await proxied.database.db.pool.query(
      `insert into bellwire.oidc_sign_ins (hash, browser, nonce, code_verifier, address, used_at, expires_at)
        select sha256(n::text::bytea), browser, nonce, code_verifier, address, used_at, expires_at
        from bellwire.oidc_sign_ins, generate_series(1, 49) n`,
    )
    expect((await begin(address)).status).toBe(429)
    await clear()
  })

  it('are not finished by guessing: an address that guesses is slowed down', async () => {
    const guess = (address: string) =>
      createPerson(proxied.url).call('GET', '/api/oidc/callback?state=guessed', undefined, from(address))
    const answers = await Promise.all(Array.from({ length: 25 }, () => guess('203.0.113.5')))
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(20)
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.body).toContain('too many wrong credentials')
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await guess('203.0.113.6')).status).toBe(403)
  })
})

describe('when the provider is away', () => {
  it('says so, and works when it is back', async () => {
    const away = await startOidcProvider()
    const other = await startTestApp(
      {
        BELLWIRE_OIDC_ISSUER: away.issuer,
        BELLWIRE_OIDC_CLIENT_ID: away.clientId,
        BELLWIRE_OIDC_CLIENT_SECRET: away.clientSecret,
        BELLWIRE_OIDC_DEFAULT_ROLE: 'viewer',
      },
      { worker: false },
    )
    try {
      await away.stop()
      const page = await createPerson(other.url).call('GET', '/api/oidc/start')
      expect([page.status, page.body.includes('oidc_unavailable')]).toEqual([502, true])
      expect(other.logged()).not.toContain(away.clientSecret)
      const back = await startOidcProvider({ port: Number(new URL(away.issuer).port) })
      try {
        const person = createPerson(other.url)
        const start = await person.call('GET', '/api/oidc/start')
        const { pathname, search } = back.authorize(start.headers.get('location') ?? '', someone())
        expect((await person.call('GET', pathname + search)).status).toBe(200)
        expect((await person.call('GET', '/api/session')).body).toMatchObject({ role: 'viewer' })
      } finally {
        await back.stop()
      }
    } finally {
      await other.stop()
    }
  })

  it('is not configured by default', async () => {
    const plain = await startTestApp({}, { worker: false })
    try {
      const page = await createPerson(plain.url).call('GET', '/api/oidc/start')
      expect([page.status, page.body.includes('oidc_not_configured')]).toEqual([404, true])
    } finally {
      await plain.stop()
    }
  })
})
