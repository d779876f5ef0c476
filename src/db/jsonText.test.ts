import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { jsonText } from './jsonText.ts'

let test: TestDatabase

beforeAll(async () => {
  test = await createTestDatabase()
})

afterAll(() => test.drop())

async function read(json: string): Promise<string | null> {
  const { rows } = await test.db.pool.query<{ text: string | null }>(
    `select ${jsonText('v.value', 'a')} as text from (select $1::json as value) v`,
    [json],
  )
  return rows[0]?.text ?? null
}

it.each([
  ['a text', 'yes', 'yes'],
  ['NUL', 'a\0\0b', 'a\ufffd\ufffdb'],
  ['an unpaired high surrogate', 'a\ud83d', 'a\ufffd'],
  ['an unpaired low surrogate', '\ude00b', '\ufffdb'],
  ['a pair', '😀', '😀'],
  ['the escape as text', String.raw`a\u0000b\ud83d`, String.raw`a\u0000b\ud83d`],
  ['the escape as text, and NUL', String.raw`\\u0000\ud83d` + '\\\0', String.raw`\\u0000\ud83d` + '\\\ufffd'],
])('reads %s', async (_, stored, shown) => {
  expect(await read(JSON.stringify({ a: stored }))).toBe(shown)
})

it('reads a member next to others that PostgreSQL cannot read', async () => {
  expect(await read(JSON.stringify({ a: 'yes', 'b\0': ['\0', '\ud83d'] }))).toBe('yes')
  expect(await read(JSON.stringify({ b: '\0' }))).toBeNull()
  const list = await read(JSON.stringify({ a: ['\0', '\\'] }))
  expect(JSON.parse(list ?? '')).toEqual(['\ufffd', '\\'])
})
