import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { longestTurn } from '../../../test/harness/processorTime.ts'
import { LINK_KINDS } from '../../telemetry/bearerLinks.ts'
import { maskLinks, maskLong } from './linkMask.ts'

async function whole(text: string): Promise<string> {
  const pieces: string[] = []
  for await (const piece of maskLong(text, LINK_KINDS)) pieces.push(piece)
  return pieces.join('')
}

it('masks a long text as a short one, wherever it is divided', async () => {
  const links = Array.from({ length: 8_000 }, (_, n) => ({
    url: `https://bells.example/api/webhooks/agents/${randomBytes(20).toString('base64url')}`,
    text: `${'x'.repeat(n % 97)}\n${n}`,
  }))
  const text = JSON.stringify(links)
  expect(text.length).toBeGreaterThan(800_000)
  const masked = await whole(text)
  expect(masked).toBe(maskLinks(text, LINK_KINDS))
  expect(JSON.parse(masked)).toEqual(
    links.map((link) => ({ ...link, url: 'https://bells.example/api/webhooks/agents/***' })),
  )
})

it.each([
  ['backslashes alone', '\\'],
  ['texts of backslashes', `"${'\\'.repeat(1_000)}",`],
  ['lines', `{"a":"https://bells.example/api/callbacks/abc"}\n`],
])('does not occupy the event loop with 8 MB of %s', async (_, part) => {
  const words = '"agents callbacks approve cancel sign-in"'
  const text = words + part.repeat(8_000_000 / part.length)
  const { turn, result } = await longestTurn(() => whole(text))
  expect(result).toBe(maskLinks(text, LINK_KINDS))
  expect(turn).toBeLessThan(1_500)
})
