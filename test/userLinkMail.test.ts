import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startMailServer, type MailServer } from './harness/mailServer.ts'
import { createPerson } from './harness/person.ts'

const PASSWORD = 'correct horse battery'

let mail: MailServer
let app: TestApp

beforeAll(async () => {
  mail = await startMailServer()
  app = await startTestApp(
    { BELLWIRE_SMTP_URL: mail.url, BELLWIRE_MAIL_FROM: 'Bellwire <bellwire@example.com>' },
    { worker: false },
  )
})
afterAll(async () => {
  await app?.stop()
  await mail?.stop()
})

/** The text of the latest mail, without its transfer encoding. */
function latest(): { to: string[]; raw: string } {
  const { to = [], raw = '' } = mail.mails.at(-1) ?? {}
  const text = raw
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return { to, raw: text }
}

it('an invitation is sent to the person, with a link that works, and shown to the inviter once', async () => {
  const { status, body } = await app.call('POST', '/api/invitations', {
    email: 'grace@example.com',
    role: 'editor',
  })
  expect([status, body.mail]).toEqual([201, { sent: true, error: null }])
  const { to, raw } = latest()
  expect(to).toEqual(['grace@example.com'])
  expect(raw).toContain('Subject: Invitation to Bellwire')
  expect(raw).toContain(`You are invited to Bellwire at ${app.url}, with the role editor.`)
  expect(raw).toContain('UTC. Anyone who has it can use it.')
  const [link = ''] = /http:\S+#[\w-]{43}/.exec(raw) ?? []
  expect(link).toBe(body.url)
  const accepted = await createPerson(app.url).call('POST', '/api/invitations/accept', {
    token: new URL(link).hash.slice(1),
    name: 'Grace',
    password: PASSWORD,
  })
  expect(accepted.body).toMatchObject({ user: { email: 'grace@example.com' } })
  expect(app.logged()).not.toContain(new URL(link).hash.slice(1))
})

it('so is a link to set a new password', async () => {
  const user = { email: 'ada@example.com', name: 'Ada', role: 'viewer', password: PASSWORD }
  const { body: created } = await app.call('POST', '/api/users', user)
  const { body } = await app.call('POST', `/api/users/${created.id}/password_reset`)
  expect(body.mail).toEqual({ sent: true, error: null })
  const { to, raw } = latest()
  expect(to).toEqual(['ada@example.com'])
  expect(raw).toContain('Subject: Set a new Bellwire password')
  expect(raw).toContain(body.url)
})

it('a mail that is refused does not keep the link from the inviter', async () => {
  mail.answer({ code: 550, message: 'no such mailbox' })
  const { status, body } = await app.call('POST', '/api/invitations', {
    email: 'nobody@example.com',
    role: 'viewer',
  })
  mail.answer(undefined)
  expect(status).toBe(201)
  expect(body.url).toContain('/invitation#')
  expect(body.mail.sent).toBe(false)
  expect(body.mail.error).toContain('no such mailbox')
})

it('without a mail server, the response says how to set one up', async () => {
  const plain = await startTestApp({}, { worker: false })
  try {
    const { body } = await plain.call('POST', '/api/invitations', {
      email: 'lin@example.com',
      role: 'viewer',
    })
    expect(body.url).toContain('/invitation#')
    expect(body.mail).toEqual({
      sent: false,
      error: 'mail is not configured; set BELLWIRE_SMTP_URL and BELLWIRE_MAIL_FROM',
    })
  } finally {
    await plain.stop()
  }
})
