import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BellwireError } from '../../errors.ts'
import { checkJson } from './checkJson.ts'
import { checkQuickly } from './checkQuickly.ts'
import { createJsonScanner } from './jsonScanner.ts'

async function faultOf(body: string | Buffer): Promise<string> {
  try {
    await checkJson(Buffer.from(body))
    return 'none'
  } catch (error) {
    if (error instanceof BellwireError && error.code === 'body_invalid') return error.message
    throw error
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('a JSON body', () => {
  it('is kept as it came, without a byte order mark', async () => {
    const text = '{"a" : "\\u0000 \\ud800", "b":[1.0]}'
    expect((await checkJson(Buffer.from(text))).toString()).toBe(text)
    expect((await checkJson(Buffer.from(`\ufeff${text}`))).toString()).toBe(text)
  })

  it.each([
    ['nothing', Buffer.alloc(0), 'The body is empty'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not valid UTF-8'],
    ['an overlong nesting', '['.repeat(5000) + ']'.repeat(5000), 'more than 200 levels deep'],
    ['an unclosed nesting', '{"a":'.repeat(100_000), 'more than 200 levels deep'],
  ])('is refused when it is %s', async (_, body, detail) => {
    expect(await faultOf(body)).toContain(detail)
  })

  it.each([
    ['{"a":', 'line 1, column 6: expected a value, found the end of the text'],
    ['{\n  "a": 1,\n  "b": tru\n}', 'line 3, column 8: expected a value, found "t"'],
    ["{'a': 1}", `line 1, column 2: expected a name in quotes or "}", found "'"`],
    ['{"a": 1,}', 'line 1, column 9: expected a name in quotes, found "}"'],
    ['[1, 2,]', 'line 1, column 7: expected a value, found "]"'],
    ['[1 2]', 'line 1, column 4: expected "," or "]", found "2"'],
    ['{"a" 1}', 'line 1, column 6: expected ":", found "1"'],
    ['{"ä😀": 1} x', 'line 1, column 11: expected the end, found "x"'],
    ['{"a": "b', 'line 1, column 7: this string is not terminated'],
    ['{"a": "b\nc"}', 'line 1, column 9: found the control character 10 in a string'],
    ['"\\x"', `line 1, column 3: expected one of "\\/bfnrtu after a backslash, found "x"`],
    ['"\\u12g4"', 'line 1, column 6: expected four hexadecimal digits after "\\u", found "g"'],
    ['[01]', 'line 1, column 2: a number cannot begin with 0'],
    ['[1.]', 'line 1, column 4: expected a digit, found "]"'],
    ['[-é]', 'line 1, column 3: expected a digit, found "é"'],
    ['NaN', 'line 1, column 1: expected a value, found "N"'],
  ])('%j: the answer says where the fault is', async (text, detail) => {
    expect(isJson(text)).toBe(false)
    expect(await faultOf(text)).toContain(detail)
  })

  it('is judged as JSON.parse judges it, whatever is changed in it, at once and in pieces', () => {
    const change = fc.record({
      at: fc.nat(),
      cut: fc.nat(3),
      put: fc.constantFrom(...Array.from('{}[]",:0-.eE\\u \n'), ''),
    })
    fc.assert(
      fc.property(
        fc.json(),
        fc.array(change, { maxLength: 3 }),
        fc.integer({ min: 1, max: 5 }),
        (json, changes, step) => {
          let text = json
          for (const { at, cut, put } of changes) {
            const from = at % (text.length + 1)
            text = text.slice(0, from) + put + text.slice(from + cut)
          }
          text = text.toWellFormed()
          const bytes = Buffer.from(text)
          const whole = createJsonScanner(bytes, { maxDepth: 200 }).advance(bytes.length)
          const scanner = createJsonScanner(bytes, { maxDepth: 200 })
          let outcome = scanner.advance(step)
          for (let end = step; outcome === 'more'; end += step) outcome = scanner.advance(end)
          expect(outcome).toEqual(whole)
          expect([text, whole === 'done']).toEqual([text, isJson(text)])
          expect([text, checkQuickly(bytes) !== undefined]).toEqual([text, isJson(text)])
        },
      ),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['[123456789012345, -0.123456789012, "1234567890123456", "1e5"]', 'valid'],
    ['[1234567890123456]', 'long_numbers'],
    ['{"a":-0.123456789012345678}', 'long_numbers'],
    ['1E5', 'long_numbers'],
    ['['.repeat(200) + ']'.repeat(200), 'valid'],
    ['['.repeat(201) + ']'.repeat(201), undefined],
  ])('%s is known to have no long numbers, or not', (text, outcome) => {
    expect(checkQuickly(Buffer.from(text))).toBe(outcome)
  })

  it('of 25 MiB does not hold up the event loop', async () => {
    const record = { id: 1, name: 'é'.repeat(20), tags: [true, null, -1.5e3], nested: { deeper: [{}] } }
    const records = JSON.stringify(Array.from({ length: 200_000 }, () => record))
    for (const body of [Buffer.from(records), Buffer.from(`"${'x'.repeat(25_000_000)}"`)]) {
      let turns = 0
      const count = setInterval(() => (turns += 1), 0)
      const kept = await checkJson(body)
      clearInterval(count)
      expect(kept.length).toBe(body.length)
      expect(turns).toBeGreaterThan(10)
    }
  })
})
