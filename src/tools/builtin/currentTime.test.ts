import { expect, it } from 'vitest'
import { createCurrentTime } from './currentTime.ts'

const tool = createCurrentTime(() => new Date('2026-03-01T23:30:00Z'))
const context = {
  idempotencyKey: '',
  signal: new AbortController().signal,
  scope: new AsyncDisposableStack(),
}

it('tells the time', async () => {
  expect(await tool.call({}, context)).toEqual({ utc: '2026-03-01T23:30:00.000Z' })
})

it('tells the time elsewhere', async () => {
  expect(await tool.call({ time_zone: 'Asia/Tokyo' }, context)).toMatchObject({
    time_zone: 'Asia/Tokyo',
    local: expect.stringContaining('Monday'),
  })
})

it('knows no zones that do not exist', async () => {
  await expect(tool.call({ time_zone: 'Mars/Olympus' }, context)).rejects.toThrow('"Mars/Olympus"')
})
