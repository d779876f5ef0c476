import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestTurn } from '../../../test/harness/processorTime.ts'
import { parseExact, toPlainNumbers } from '../../contract/exactJson.ts'
import { compileCel, type CelInput } from './compileCel.ts'
import type { Evaluation } from './evaluateCel.ts'

function inputOf(json: string, rest: Partial<CelInput> = {}): CelInput {
  const exact = parseExact(json)
  const payload = { json: Buffer.from(json), exact, value: toPlainNumbers(exact) }
  return { payload, headers: {}, query: {}, event: '', method: 'POST', source: 'generic', ...rest }
}

const evaluate = (text: string, payload: unknown, rest?: Partial<CelInput>) =>
  compileCel(text).evaluate(inputOf(typeof payload === 'string' ? payload : JSON.stringify(payload), rest))

async function valueOf(text: string, payload: unknown, rest?: Partial<CelInput>): Promise<boolean | string> {
  const evaluation = await evaluate(text, payload, rest)
  return evaluation.ok ? evaluation.value : evaluation.error
}

function faultOf(text: string): string {
  try {
    compileCel(text)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

const issue = {
  action: 'opened',
  number: 5,
  price: 5.5,
  nothing: null,
  labels: [{ name: 'bug', by: ['ann'] }, { name: 'p1' }],
  user: { login: 'ann' },
}

describe('an expression', () => {
  it.each([
    ['payload.number == 5'],
    ['payload.number != 6'],
    ['payload.number in [1, 5]'],
    ['payload.number >= 5 && payload.number < 5.5'],
    ['payload.price > 5'],
    ['payload.number / 2 == 2.5'],
    ['payload.number + 1 == 6'],
    ['payload.number % 2 == 1'],
    ['10 - payload.number == 5'],
    ['payload.number == 5.0'],
    ['1.5 * 2 == 3 && size(payload.labels) / 4.0 == 0.5 && 2 != 2.5'],
    ['payload.labels.size() == 2.0 && [1, 2.0] == [1.0, 2]'],
    ['payload.nothing == null'],
    ['has(payload.nothing) && !has(payload.absent)'],
    ['"action" in payload'],
    ['payload.action in ["opened", "reopened"]'],
    ['payload.labels.exists(l, l.name == "bug")'],
    ['payload.labels.all(l, l.name.size() > 1)'],
    ['payload.labels.exists(l, has(l.by) && l.by.exists(b, b == "ann"))'],
    ['payload.labels.map(l, l.name).join(",") == "bug,p1"'],
    ['payload.labels.filter(l, l.name.startsWith("p")).size() == 1'],
    ['payload.user.login.matches("^a[a-z]+$")'],
    ['payload.absent == 1 || true'],
    ['headers["x-github-event"] == "issues" && event == "issues" && source == "github" && method == "POST"'],
    ['query.tag.exists(t, t == "b")'],
    ['timestamp("2026-01-01T00:00:00Z") < timestamp("2027-01-01T00:00:00Z")'],
  ])('%s is true', async (text) => {
    const headers = { 'x-github-event': 'issues' }
    const rest = { headers, event: 'issues', source: 'github', query: { tag: ['a', 'b'] } }
    expect(await valueOf(text, issue, rest)).toBe(true)
  })

  it('compares ids of 64 bits digit by digit, in place and in a thread', async () => {
    const json =
      '{"id":9007199254740993,"other":9007199254740992,"large":18446744073709551615,"x":{"y":[1e400]}}'
    for (const extra of ['', ' && payload.x.y.map(n, n).size() == 1']) {
      expect(await valueOf(`payload.id == 9007199254740993${extra}`, json)).toBe(true)
      expect(await valueOf(`payload.id != 9007199254740992${extra}`, json)).toBe(true)
      expect(await valueOf(`payload.id > payload.other${extra}`, json)).toBe(true)
      expect(await valueOf(`payload.id != payload.other${extra}`, json)).toBe(true)
      expect(await valueOf(`payload.id in [9007199254740993]${extra}`, json)).toBe(true)
      expect(await valueOf(`string(payload.large) == "18446744073709551615"${extra}`, json)).toBe(true)
    }
  })

  it('reads what a payload holds, and nothing of JavaScript', async () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      expect(await valueOf(`has(payload.${name})`, '{}')).toBe(false)
      expect(await valueOf(`payload.${name} == 1`, '{}')).toContain(`No such key: ${name}`)
    }
    expect(await valueOf('payload.__proto__ == 1', '{"__proto__":1}')).toBe(true)
  })

  it.each([
    [{}, 'line 1, column 9: No such key: user. Check for optional fields first, as in has('],
    [{ user: { login: 1 } }, "found no matching overload for 'double.matches(string)'"],
    [{ user: {} }, 'No such key: login'],
  ])('that has no value for %j says where and why', async (payload, error) => {
    expect(await valueOf('payload.user.login.matches("a")', payload)).toContain(error)
  })

  it('must be true or false', async () => {
    expect(await valueOf('payload.number', issue)).toBe('the value is a number; it must be true or false')
    expect(await valueOf('payload.labels', issue)).toBe('the value is a list; it must be true or false')
    expect(await valueOf('payload.nothing', issue)).toBe('the value is null; it must be true or false')
  })
})

describe('an expression is refused', () => {
  it.each([
    ['', 'line 1, column 1: Unexpected token: EOF'],
    ['payload.a = 1', 'line 1, column 11: Unexpected character: =. Operators are ==, !=,'],
    ['payload.a ==', 'line 1, column 13: Unexpected token: EOF'],
    ['payload.a == 1 &&\n  payload.b = 2', 'line 2, column 13'],
    ['paylod.a == 1', 'line 1, column 1: Unknown variable: paylod. The variables are payload, headers'],
    ['payload.a.startWith("x")', 'line 1, column 1: found no matching overload'],
    ['"a" + "b"', 'gives a value of type string; it must be true or false'],
    ['size(payload.a)', 'gives a value of type int'],
    ['event == 1', 'no such overload: string == int'],
    ['event.matches("(a")', 'line 1, column 15: the pattern is not valid in RE2 syntax: missing closing )'],
    ['event.matches("(?<=a)b")', 'not valid in RE2 syntax'],
    ['event.matches("(((a{100}){100}){100})")', 'line 1, column 15: the pattern'],
    ['event.matches_re2("a")', 'there is no function matches_re2'],
    ['event == "' + 'x'.repeat(5_000) + '"', 'the expression has 5011 characters; 4096 at most'],
    ['('.repeat(200) + 'true' + ')'.repeat(200), 'Exceeded maxDepth'],
    ['true' + ' && true'.repeat(400), 'Exceeded maxAstNodes'],
    [
      'payload.a.exists(a, a.b.exists(b, b.c.exists(c, c.d.exists(d, d == 1))))',
      'at most 10 loops (all, exists, map, …) in an expression, 3 within each other',
    ],
    [Array.from({ length: 11 }, () => 'payload.a.exists(a, a == 1)').join(' || '), 'at most 10 loops'],
  ])('%j', (text, fault) => {
    expect(faultOf(text)).toContain(fault)
  })

  it('with one line that leads to the place, whatever it is', () => {
    const pieces =
      'payload . a == "x" && ( ) [ ] { } ! - 1 exists ( x , ) ? : matches ("(") \n in has 1e9 0u'.split(' ')
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (words) => {
        const fault = faultOf(words.join(' '))
        expect(fault).toMatch(/^[^\n]+$/)
        if (fault !== 'none' && !fault.startsWith('the expression'))
          expect(fault).toMatch(/^line \d+, column \d+: /)
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('a hostile expression or payload', () => {
  const many = JSON.stringify({ a: Array.from({ length: 4_000 }, (_, i) => i), s: 'a'.repeat(30_000) })
  const objects = JSON.stringify({ a: Array.from({ length: 20_000 }, () => 1) })
  const cases: [string, string, string][] = [
    ['nested loops', 'payload.a.all(x, payload.a.all(y, payload.a.all(z, x + y + z >= 0)))', many],
    ['loops over what loops have built', 'payload.a.map(x, payload.a.map(y, payload.a)).size() == 1', many],
    ['doubling', bind(15), many],
    ['backtracking', 'payload.s.matches("^(a+)+$") && payload.s.matches("(a|aa)+b")', many],
    ['a pattern from the payload', 'payload.s.matches(payload.s)', many],
    ['a search for half of a text', 'payload.s.contains(payload.s.substring(15000))', many],
    ['an error for each element', 'payload.a.exists(x, x.name == "bug")', objects],
    ['a large payload', 'payload.a.exists(x, x == 1)', `{"a":[${'2,'.repeat(12_000_000)}2]}`],
  ]

  it.each(cases)('%s: does not hold up the event loop', async (_, text, json) => {
    const expression = compileCel(text)
    const exact = JSON.parse(json.length > 1_000_000 ? '{}' : json) as unknown
    const input = { ...inputOf('{}'), payload: { json: Buffer.from(json), exact, value: exact } }
    const { turn, result } = await longestTurn(() => expression.evaluate(input))
    expect(turn).toBeLessThan(150)
    expect(result).toHaveProperty('ok')
  })

  it('is ended at its time limit, and says so', async () => {
    const evaluation: Evaluation = await evaluate(cases[0]![1], many)
    expect(evaluation).toEqual({
      ok: false,
      error: 'it was given up: it took more than 1.5 s of computing time',
    })
  })

  it('of which too many wait is refused', async () => {
    const expression = compileCel(cases[0]![1])
    const results = await Promise.allSettled(
      Array.from({ length: 205 }, async () => expression.evaluate(inputOf('{"a":[]}'))),
    )
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBe(5)
    expect(refused[0]).toMatchObject({ reason: { code: 'overloaded' } })
  })
})

/** A text that doubles itself so many times. */
function bind(times: number): string {
  return times === 0
    ? 'x == ""'
    : `cel.bind(x, ${times === 15 ? 'payload.s + payload.s' : 'x + x'}, ${bind(times - 1)})`
}
