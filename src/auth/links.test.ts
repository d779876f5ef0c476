import { expect, it } from 'vitest'
import { createLinks } from './links.ts'

const secret = Buffer.alloc(32, 7)
const task = '019ab7de-0000-7000-8000-000000000001'

it('accepts its own keys, for their purpose and task alone', () => {
  const links = createLinks(secret)
  const key = links.sign(task).cancel
  expect(links.verify('cancel', task, key)).toBe(true)
  expect(links.verify('events', task, key)).toBe(false)
  expect(links.verify('cancel', task.replace('1', '2'), key)).toBe(false)
  expect(createLinks(Buffer.alloc(32, 8)).verify('cancel', task, key)).toBe(false)
})

it('refuses garbage and expired keys', () => {
  let now = 1_000_000
  const links = createLinks(secret, () => now)
  const key = links.sign(task).events
  for (const garbage of ['', '.', 'x', `${key}x`, key.slice(1), key.replace('.', '')]) {
    expect(links.verify('events', task, garbage)).toBe(false)
  }
  now += 8 * 24 * 3600 * 1000
  expect(links.verify('events', task, key)).toBe(false)
})
