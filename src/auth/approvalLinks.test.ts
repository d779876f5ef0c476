import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createApprovalLinks } from './approvalLinks.ts'

const DAY_MS = 24 * 3600 * 1000
const id = '019ab7de-0000-7000-8000-000000000001'
let now = 1_800_000_000_000
const links = createApprovalLinks({
  secret: randomBytes(32),
  publicUrl: 'https://b.example/x',
  now: () => now,
})
const keyIn = (url: string): string => new URL(url).searchParams.get('key') ?? ''

it('makes links to both pages, valid for 30 days for this approval alone', () => {
  const { approve, deny } = links.make(id)
  expect(approve).toMatch(/^https:\/\/b\.example\/x\/api\/approvals\/019ab7de-[\w-]+\/approve\?key=/)
  expect(keyIn(deny)).toBe(keyIn(approve))
  const key = keyIn(approve)
  expect(links.verify(id, key)).toBe(true)
  expect(links.verify(id.replace(/1$/, '2'), key)).toBe(false)
  now += 30 * DAY_MS
  expect(links.verify(id, key)).toBe(true)
  now += DAY_MS
  expect(links.verify(id, key)).toBe(false)
})

it.each(['=', '!', ' ', '\n', '\0', '.', '.x', 'A', 'é', '0'])('refuses a key with %j added', (junk) => {
  const key = keyIn(links.make(id).approve)
  const [day = '', signature = ''] = key.split('.')
  for (const other of [key + junk, junk + key, `${day}${junk}.${signature}`, `${day}.${junk}${signature}`]) {
    expect(links.verify(id, other)).toBe(false)
  }
})
