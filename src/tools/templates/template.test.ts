import { describe, expect, it } from 'vitest'
import { checkTemplate, parseTemplate, TemplateError } from './template.ts'

describe('rendering', () => {
  it.each([
    ['plain text, { braces } and all', {}, 'plain text, { braces } and all'],
    ['{{ a.b[0] }}', { a: { b: ['x'] } }, 'x'],
    ['[{{ nothing.at.all }}]', {}, '[]'],
    ['{{ n }} {{ yes }}', { n: 4, yes: true }, '4 true'],
    ['{{ o }} {{ l }}', { o: { a: 1 }, l: ['a', 2] }, '{"a":1} ["a",2]'],
    ['{{ o | json }}', { o: { a: '"' } }, '{"a":"\\""}'],
    [
      '{% for x in l %}{{ x | upcase }}{% unless forloop.last %}, {% endunless %}{% endfor %}',
      { l: ['a', 'b'] },
      'A, B',
    ],
    ['{{ t | date: "%d.%m.%Y %H:%M" }}', { t: '2026-03-01T00:30:00+02:00' }, '28.02.2026 22:30'],
    ['{{ s }}', { s: '{{ secrets.KEY }} <b>' }, '{{ secrets.KEY }} <b>'],
    ['{{ o.constructor }}{{ o.toString }}{{ o.__proto__ }}', { o: {} }, ''],
    ['{{ o }}', { o: { toString: 1, valueOf: 2 } }, '{"toString":1,"valueOf":2}'],
  ])('%s', async (text, scope, expected) => {
    expect(await parseTemplate(text).render(scope)).toBe(expected)
  })

  it.each([
    ['{% for i in (1..100000000) %}x{% endfor %}', 'limit exceeded'],
    [
      '{% assign s = "x" %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}',
      'limit exceeded',
    ],
    ['{% for i in (1..3000) %}{% for j in (1..10000) %}{% endfor %}{% endfor %}', 'limit exceeded'],
  ])('stops %s', async (text, detail) => {
    const started = performance.now()
    await expect(parseTemplate(text).render({})).rejects.toThrow(TemplateError)
    await expect(parseTemplate(text).render({})).rejects.toThrow(detail)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('percent-encodes values for a URL', async () => {
    const template = parseTemplate('/{{ a }}/{{ b | raw }}', 'url')
    expect(await template.render({ a: '../x?y=&z#ä\ud800', b: 'c/d' })).toBe(
      '/..%2Fx%3Fy%3D%26z%23%C3%A4%EF%BF%BD/c/d',
    )
  })
})

describe('secrets', () => {
  it('are found by name', () => {
    const text =
      '{{ secrets.ONE }}{% if secrets["TWO"] %}{{ secrets.ONE | upcase }}{% endif %}{{ x.secrets.NOT }}'
    expect(parseTemplate(text).secrets).toEqual(['ONE', 'TWO'])
    expect(parseTemplate('none').secrets).toEqual([])
  })

  it.each([
    '{{ secrets[name] }}',
    '{{ secrets }}',
    '{% for s in secrets %}{% endfor %}',
    '{% assign s = secrets %}',
  ])('must be named: %s', (text) => {
    expect(checkTemplate(text)).toMatchObject({ ok: false, detail: expect.stringContaining('secrets.NAME') })
  })
})

describe('checkTemplate', () => {
  it.each([
    ['{{ paylod.text }}', /there is no variable paylod here; .* Did you mean payload\?/],
    ['Keep {{ customer_name }} as it is.', /\{% raw %\}\{\{ customer_name \}\}\{% endraw %\}/],
    ['{% for x in list %}{{ x }}{% endfor %}', /no variable list/],
    ['{{ payload.items[index] }}', /no variable index/],
  ])('refuses a variable that cannot exist: %s', (text, detail) => {
    expect(checkTemplate(text, ['payload', 'now'])).toMatchObject({
      ok: false,
      detail: expect.stringMatching(detail),
    })
  })

  it.each([
    '{{ payload.tickt.id }} {{ now | date: "%Y" }}',
    '{% assign a = payload.b %}{{ a }}{% for x in payload.l %}{{ x }}{{ forloop.index }}{% endfor %}',
    '{% raw %}{{ customer_name }}{% endraw %}{% if payload.a == nil or payload.b == blank %}{{ true }}{% endif %}',
    '{% capture c %}x{% endcapture %}{{ c }}{% increment n %}{{ n }}',
  ])('takes those that may: %s', (text) => {
    expect(checkTemplate(text, ['payload', 'now'])).toEqual({ ok: true })
  })

  it('is content with what can be parsed', () => {
    expect(checkTemplate('Hello {{ payload.name | default: "you" }}')).toEqual({ ok: true })
  })

  it.each([
    ['{{ a', 'not closed', 'line 1, column 1'],
    ['a\nb {% if x %}', 'not closed', 'line 2, column 3'],
    ['{{ a | shout }}', 'undefined filter: shout', 'line 1, column 1'],
    ['{% nonsense %}', 'nonsense', 'line 1, column 1'],
    ['{% include "/etc/passwd" %}', 'include', 'line 1, column 1'],
    ['{% render "x" %}', 'render', 'line 1, column 1'],
    ['{% layout "x" %}', 'layout', 'line 1, column 1'],
  ])('says what and where: %s', (text, what, where) => {
    const check = checkTemplate(text)
    expect(check.ok ? '' : check.detail).toContain(what)
    expect(check.ok ? '' : check.detail).toContain(where)
  })
})
