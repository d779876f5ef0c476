import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createLinks } from './links.ts'

const taskId = '019ab7de-0000-7000-8000-000000000001'
let now = 1_800_000_000_000
const links = createLinks(randomBytes(32), () => now)

it('lets the key through for its purpose and task, for seven days', () => {
  const { events, cancel } = links.sign(taskId)
  expect(links.verify('events', taskId, events)).toBe(true)
  expect(links.verify('cancel', taskId, cancel)).toBe(true)
  expect(links.verify('cancel', taskId, events)).toBe(false)
  expect(links.verify('events', taskId.replace(/1$/, '2'), events)).toBe(false)
  now += 7 * 24 * 3600 * 1000
  expect(links.verify('events', taskId, events)).toBe(false)
})

it.each(['=', '==', '!', ' ', '\n', '\0', '.', '.x', 'A', '%', 'é'])(
  'refuses a key with %j after it, before it or within it',
  (junk) => {
    const { events } = links.sign(taskId)
    const [expires = '', signature = ''] = events.split('.')
    for (const key of [
      events + junk,
      junk + events,
      `${expires}.${junk}${signature}`,
      `${expires}${junk}.${signature}`,
      `${expires}.${signature.slice(0, 4)}${junk}${signature.slice(4)}`,
    ]) {
      expect(links.verify('events', taskId, key)).toBe(false)
    }
  },
)

it('refuses another spelling of the same signature', () => {
  const { events } = links.sign(taskId)
  // The last character of 16 bytes in base64 carries four bits that mean nothing.
  const last = events.at(-1) ?? ''
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (const other of alphabet.replace(last, '')) {
    expect(links.verify('events', taskId, events.slice(0, -1) + other)).toBe(false)
  }
  expect(links.verify('events', taskId, events.replaceAll('-', '+').replaceAll('_', '/'))).toBe(
    !/[-_]/.test(events),
  )
})
