import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createCallbackAddress, createCallbackTokens } from './callbackTokens.ts'

const tokens = createCallbackTokens(randomBytes(32))

it('gives a key always the same id and URL, and no other key these', () => {
  const address = createCallbackAddress(tokens, 'https://b.example/x')
  const { id, url } = address('a')
  expect(address('a')).toEqual({ id, url })
  expect(address('b').id).not.toBe(id)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(url).toBe(`https://b.example/x/api/callbacks/${tokens.tokenOf(id)}`)
  expect(url).toMatch(/\/[\w-]{56}$/)
})

it('reads its own tokens only', () => {
  const id = tokens.idOf('a')
  const token = tokens.tokenOf(id)
  expect(tokens.read(token)).toBe(id)
  expect(createCallbackTokens(randomBytes(32)).read(token)).toBeUndefined()
  expect(tokens.read('')).toBeUndefined()
  expect(tokens.read(id)).toBeUndefined()
  for (let at = 0; at < token.length; at += 1) {
    const other = token[at] === 'A' ? 'B' : 'A'
    expect(tokens.read(token.slice(0, at) + other + token.slice(at + 1))).toBeUndefined()
  }
})

it.each(['=', '==', ' ', '\n', '.', 'A', 'é'])('refuses a token with %j in it', (junk) => {
  const token = tokens.tokenOf(tokens.idOf('a'))
  for (const other of [token + junk, junk + token, token.slice(0, 9) + junk + token.slice(9)]) {
    expect(tokens.read(other)).toBeUndefined()
  }
})
