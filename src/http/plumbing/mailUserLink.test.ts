import { expect, it } from 'vitest'
import { createMailUserLink } from './mailUserLink.ts'

const link = {
  id: '019ab7de-0000-7000-8000-000000000001',
  kind: 'invitation' as const,
  email: 'grace@example.com',
  role: 'editor' as const,
  createdBy: 'Ada',
  createdAt: new Date('2027-01-01T12:00:00Z'),
  expiresAt: new Date('2027-01-08T12:00:00Z'),
}

it('does not wait long for a mail server that does not answer', async () => {
  const mailUserLink = createMailUserLink({
    mailer: { send: () => new Promise(() => {}) },
    publicUrl: 'https://b.example',
    patienceMs: 1,
  })
  const { sent, error } = await mailUserLink(link, 'https://b.example/invitation#token')
  expect(sent).toBe(false)
  expect(error).toContain('it may still arrive')
})
