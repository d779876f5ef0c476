import { describe, expect, it } from 'vitest'
import { describePath, hasPath, writtenPaths } from './missingPaths.ts'

const names = (text: string): string[] => writtenPaths(text).map((path) => describePath(path))

describe('the paths that a template writes', () => {
  it.each([
    ['{{ payload.isue.title }}', ['payload.isue.title']],
    ['{{ payload.a }} {{payload.a}} {{ payload.a.b | upcase }}', ['payload.a', 'payload.a.b']],
    [`{{ payload["first"].name }} {{ payload['x-y'] }}`, ['payload.first.name', 'payload.x-y']],
    ['{{ payload.items[0].name }} {{ payload.items[-1] }}', ['payload.items[0].name', 'payload.items[-1]']],
    ['{{ payload["a b"].c }}', ['payload["a b"].c']],
    ['{% for x in payload.items %}{{ x.name }}{% endfor %}', ['payload.items']],
    ['{% assign p = payload.w %}{{ p.h }}', ['payload.w']],
    ['{%- if payload.y -%}{{ payload.y }}{%- endif -%}', []],
    ['{% if payload.kind == "a" %}{{ payload.a }}{% else %}{{ payload.b }}{% endif %}', []],
    ['{% if payload.x %}x{% endif %}{{ payload.x }}{{ payload.xy }}', ['payload.xy']],
    ['{{ payload.q | default: "-" }}', []],
    ['{% case payload.k %}{% when "a" %}{{ payload.a }}{% endcase %}', []],
    ['{{ payload }} {{ request.headers.x }} {{ now }}', []],
    ['{% raw %}{{ payload.raw }}{% endraw %}', []],
    ['no template, but the word payload', []],
  ])('%s', (text, expected) => {
    expect(names(text)).toEqual(expected)
  })
})

describe('a path is there', () => {
  const payload = { a: { b: null }, list: [{ n: 1 }], text: 'abc', empty: [] }
  it.each([
    [['a', 'b'], true],
    [['a', 'c'], false],
    [['a', 'b', 'c'], false],
    [['list', 0, 'n'], true],
    [['list', -1, 'n'], true],
    [['list', 1], false],
    [['list', 'size'], true],
    [['list', 'first', 'n'], true],
    [['list', 'last', 'm'], false],
    [['empty', 'first'], false],
    [['text', 'size'], true],
    [['text', 'length'], false],
    [['toString'], false],
    [['__proto__'], false],
  ])('%j: %s', (path, expected) => {
    expect(hasPath(payload, path)).toBe(expected)
  })

  it('in a payload that is no object only by what Liquid knows of it', () => {
    expect(hasPath('text', ['x'])).toBe(false)
    expect(hasPath(null, ['x'])).toBe(false)
    expect(hasPath([1], [0])).toBe(true)
  })
})
