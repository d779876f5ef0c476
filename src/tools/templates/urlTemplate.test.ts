import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ToolError } from '../tool.ts'
import { checkUrlTemplate, parseUrlTemplate } from './urlTemplate.ts'

async function write(
  text: string,
  args: Record<string, unknown> = {},
  secrets: Record<string, string> = {},
): Promise<string> {
  return (await parseUrlTemplate(text).render({ ...args, secrets })).href
}

describe('a URL', () => {
  it.each([
    ['https://api.example.com', {}, 'https://api.example.com/'],
    ['https://api.example.com/users/{{ id }}', { id: 7 }, 'https://api.example.com/users/7'],
    [
      'https://api.example.com/?q={{ q }}',
      { q: 'a&b=c#d e' },
      'https://api.example.com/?q=a%26b%3Dc%23d%20e',
    ],
    ['https://api.example.com?q={{ q }}', { q: '' }, 'https://api.example.com/?q='],
    ['https://api.example.com/{{ a }}', { a: 'x/../y?z' }, 'https://api.example.com/x%2F..%2Fy%3Fz'],
    ['https://api.example.com/{{ a }}', { a: '%2e%2e' }, 'https://api.example.com/%252e%252e'],
    ['https://api.example.com/{{ a | raw }}', { a: 'x/y' }, 'https://api.example.com/x/y'],
    ['https://api.example.com/users/', {}, 'https://api.example.com/users/'],
    ['https://api.example.com/{% if a %}a{% else %}b{% endif %}', { a: 1 }, 'https://api.example.com/a'],
    [' https://api.example.com:8443/x ', {}, 'https://api.example.com:8443/x'],
  ])('%s', async (text, args, expected) => {
    expect(await write(text, args)).toBe(expected)
  })

  it('takes its beginning from secrets', async () => {
    const secrets = { BASE: 'https://api.example.com/v1/', TENANT: 'acme', KEY: 'a+b/c=' }
    expect(await write('{{ secrets.BASE }}/users/{{ id }}', { id: 1 }, secrets)).toBe(
      'https://api.example.com/v1/users/1',
    )
    expect(await write('https://{{ secrets.TENANT }}.example.com/?key={{ secrets.KEY }}', {}, secrets)).toBe(
      'https://acme.example.com/?key=a%2Bb%2Fc%3D',
    )
    expect(parseUrlTemplate('{{ secrets.BASE }}/{{ secrets.KEY }}').secrets).toEqual(['BASE', 'KEY'])
  })
})

describe('a secret in the host', () => {
  it.each([
    ['https://{{ secrets.T }}.example.com/', { T: 'AcmeCorp' }, ['acmecorp']],
    ['https://{{ secrets.T }}.example.com/', { T: 'Bücher' }, ['xn--bcher-kva']],
    ['https://api-{{ secrets.T }}.example.com/', { T: 'Größe' }, ['xn--api-gre-5va0s']],
    ['https://{{ secrets.T }}/x', { T: '0x0a000001' }, ['10.0.0.1']],
    ['{{ secrets.T }}/x', { T: 'https://Acme.Example.com/v1' }, ['acme.example.com']],
  ])('is known in the forms that a URL gives it: %s', async (text, secrets, forms) => {
    const url = await parseUrlTemplate(text).render({ secrets })
    const traced = await parseUrlTemplate(text).trace({ secrets })
    for (const form of forms) expect(traced).toContain(form)
    expect(traced.some((form) => url.hostname.includes(form))).toBe(true)
    expect(traced).not.toContain('example')
    expect(traced).not.toContain('')
  })

  it('adds nothing where it comes back as it is', async () => {
    expect(
      await parseUrlTemplate('https://{{ secrets.T }}.example.com/').trace({ secrets: { T: 'acme' } }),
    ).toEqual(['acme', 'acme'])
  })
})

describe('an argument', () => {
  it.each(['.', '..', '%2e', '%2E%2e', '.%2e'])('cannot walk through the path: %s', async (a) => {
    await expect(write('https://api.example.com/users/{{ a | raw }}/x', { a })).rejects.toThrow(ToolError)
  })

  it.each([
    ['https://api.example.com/{{ a }}/x', { a: '..' }],
    ['https://api.example.com/{{ a }}{{ b }}/x', { a: '.', b: '.' }],
    ['https://api.example.com/.{{ a }}', { a: '.' }],
    ['https://api.example.com/{{ a | raw }}', { a: 'x/../../admin' }],
    ['https://api.example.com/{{ a | raw }}', { a: 'x\\..\\admin' }],
    ['https://api.example.com/{{ a | raw }}', { a: '.\t./admin' }],
  ])('cannot walk through the path of %s with %o', async (text, args) => {
    await expect(write(text, args)).rejects.toThrow(/"\." and "\.\."/)
  })

  it.each([
    ['https://api.example.com/users/{{ id }}', {}],
    ['https://api.example.com/users/{{ id }}', { id: '' }],
    ['https://api.example.com/users/{{ id }}/mails', { id: null }],
  ])('that is part of the path is not empty: %s', async (text, args) => {
    await expect(write(text, args)).rejects.toThrow(/empty/)
  })

  it('never changes host, path or the names in the query', async () => {
    const template = parseUrlTemplate('https://api.example.com/users/{{ id }}/mails?tag={{ tag }}&limit=5')
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '.', '//evil.example', '@evil', '#', '%2e%2e', '\\', '\r\n'),
    )
    await fc.assert(
      fc.asyncProperty(anything, anything, async (id, tag) => {
        let url: URL
        try {
          url = await template.render({ id, tag, secrets: {} })
        } catch (error) {
          expect(error).toBeInstanceOf(ToolError)
          return
        }
        expect(url.origin).toBe('https://api.example.com')
        expect(url.pathname.split('/')).toHaveLength(4)
        expect(url.pathname).toMatch(/^\/users\/.+\/mails$/)
        expect([...url.searchParams.keys()]).toEqual(['tag', 'limit'])
        expect(url.searchParams.get('tag')).toBe(tag.toWellFormed())
        expect(url.hash).toBe('')
      }),
      { numRuns: 500 },
    )
  })
})

describe('a template', () => {
  it.each([
    'https://{{ host }}/x',
    'https://api.example.com{{ path }}',
    'https://api.example.com.{{ tld }}/x',
    'https://{{ secrets.A }}{{ b }}/x',
    '{{ url }}',
    '{{ secrets.BASE }}{{ path }}',
    '{{ scheme }}://api.example.com/',
    '{% if x %}https://a.example{% endif %}/x',
    '//api.example.com/x',
    'ftp://api.example.com/x',
    '/x',
    '',
  ])('that leaves the host open is refused: %s', async (text) => {
    expect(await checkUrlTemplate(text)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('scheme and host'),
    })
  })

  it.each(['https://api.example.com/{{ x', 'https://exa mple.com/', 'https://api.example.com:99999/'])(
    'that cannot be used is refused: %s',
    async (text) => {
      expect((await checkUrlTemplate(text)).ok).toBe(false)
    },
  )

  it.each(['https://api.example.com/{{ x }}', 'http://10.0.0.5:8080/hook', '{{ secrets.HOOK }}'])(
    'is fine: %s',
    async (text) => {
      expect(await checkUrlTemplate(text)).toEqual({ ok: true })
    },
  )
})
