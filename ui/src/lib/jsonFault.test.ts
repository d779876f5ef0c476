import fc from 'fast-check'
import { expect, it } from 'vitest'
import { jsonFault } from './jsonFault.ts'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

it.each([
  ['{"a": [1, 2.5e-3, "x\\u00e9\\n", true, null, {}]}', undefined],
  ['', 0],
  ['nope', 0],
  ['[1 2]', 3],
  ['{"a" 1}', 5],
  ['"a\nb"', 0],
  ['01', 1],
  ['[1, 2', 5],
])('%j: %s', (text, fault) => {
  expect(jsonFault(text)).toBe(fault)
})

it('agrees with JSON.parse', () => {
  const scratched = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '\\', '0', ' '))
    .map(([text, seed, piece]) => {
      const at = seed % (text.length + 1)
      return text.slice(0, at) + piece + text.slice(at + 1)
    })
  fc.assert(
    fc.property(fc.oneof(fc.json(), scratched, fc.string()), (text) => {
      expect(jsonFault(text) === undefined).toBe(isJson(text))
    }),
    { numRuns: 1_000 },
  )
})
