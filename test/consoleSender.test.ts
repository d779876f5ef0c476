import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'

let app: TestApp
let agent: { id: string; url: string }
let cookie: string

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  agent = await app.createAgent()
  const signedIn = await app.call('POST', '/api/session', { key: app.adminKey }, { origin: app.url })
  cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
})
afterAll(() => app?.stop())

async function isVerified(headers: Record<string, string>): Promise<boolean> {
  const posted = await app.call('POST', agent.url, { a: 1 }, headers)
  expect(posted.status).toBe(200)
  return (await app.call('GET', `/api/tasks/${posted.body.task_id}`)).body.sender_verified
}

it('a test from the console has a verified sender; no other use of the cookie does', async () => {
  expect(await isVerified({ cookie, origin: app.url })).toBe(true)
  expect(await isVerified({ cookie, origin: 'https://elsewhere.example' })).toBe(false)
  expect(await isVerified({ cookie })).toBe(false)
  expect(await isVerified({ cookie: `${cookie}x`, origin: app.url })).toBe(false)
  expect(await isVerified({})).toBe(false)
  const asked = await fetch(`${agent.url}?a=1`, { headers: { cookie, origin: app.url } })
  const { task_id: id } = JSON.parse(await asked.text())
  expect((await app.call('GET', `/api/tasks/${id}`)).body.sender_verified).toBe(false)
})

it('the sender of a test is verified only with a role that may start tasks', async () => {
  for (const [role, expected] of [
    ['viewer', false],
    ['approver', false],
    ['editor', true],
  ] as const) {
    const { body } = await app.call('POST', '/api/api_keys', { name: role, scope: 'admin', role })
    const signedIn = await app.call('POST', '/api/session', { key: body.key }, { origin: app.url })
    const theirs = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect([role, await isVerified({ cookie: theirs, origin: app.url })]).toEqual([role, expected])
  }
})
