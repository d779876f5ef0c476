import { describe, expect, it } from 'vitest'
import { createLog, type LogOptions } from './log.ts'

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ logLevel: 'info', logFormat: 'json', ...options }, { process: 'api' }, destination)
  return { log, lines }
}

const TOKEN = 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE'

describe('createLog', () => {
  it('writes JSON that says when, how grave, from which process and what', () => {
    const { log, lines } = capture()
    log.info({ taskId: 'abc' }, 'done')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      process: 'api',
      pid: process.pid,
      taskId: 'abc',
      msg: 'done',
    })
  })

  it('writes for people in the same call', () => {
    const { log, lines } = capture({ logFormat: 'pretty' })
    log.warn({ taskId: 'abc' }, 'slow')
    expect(lines.join('')).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: \[api\] slow .*"taskId":"abc".*\n$/)
  })

  it('leaves out what is below its level', () => {
    const { log, lines } = capture({ logLevel: 'error' })
    log.warn('not so bad')
    expect(lines).toEqual([])
  })

  describe.each(['json', 'pretty'] as const)('in %s', (logFormat) => {
    it.each<[string, (log: ReturnType<typeof capture>['log']) => void]>([
      [
        'a webhook token in a field',
        (log) => log.info({ url: `/api/webhooks/agents/${TOKEN}?x=1` }, 'request'),
      ],
      ['a webhook token in the message', (log) => log.info(`POST /api/webhooks/agents/${TOKEN}`)],
      [
        'a webhook token in an error',
        (log) => log.error({ err: new Error(`GET /api/webhooks/agents/${TOKEN}`) }, 'no'),
      ],
      ['a signed link', (log) => log.info({ url: `/api/tasks/1/events?a=1&key=${TOKEN}&b=2` }, 'request')],
      ['an api_key in a query', (log) => log.info({ url: `/stream?api_key=${TOKEN}` }, 'request')],
      ['a header', (log) => log.info({ headers: { Authorization: `Bearer ${TOKEN}` } }, 'request')],
      [
        'a header deep down',
        (log) => log.info({ a: { b: { c: { d: { cookie: `session=${TOKEN}` } } } } }, 'request'),
      ],
      ['a list of headers', (log) => log.info({ headers: { 'set-cookie': [`a=${TOKEN}`, 'b'] } }, 'answer')],
      ['a bearer token in a text', (log) => log.info(`sent Bearer ${TOKEN} there`)],
      ['an escaped quote before it', (log) => log.info({ token: `a"${TOKEN}`, secret: `b\\"${TOKEN}` }, 'x')],
      ['a password in a URL', (log) => log.info(`postgresql://user:${TOKEN}@db:5432/bellwire`)],
      ['an API key of ours', (log) => log.info(`bw_admin_${TOKEN}`)],
      ["a provider's key", (log) => log.info({ note: `sk-${TOKEN}` }, 'x')],
    ])('hides %s', (_, write) => {
      const { log, lines } = capture({ logFormat })
      write(log)
      const text = lines.join('')
      expect(text).toContain('***')
      expect(text).not.toContain(TOKEN)
      if (logFormat === 'json') expect(JSON.parse(text)).toHaveProperty('msg')
    })
  })

  it('keeps what is not secret', () => {
    const { log, lines } = capture()
    const fields = { url: '/api/tasks?state=SUCCESS&cursor=abc', input_tokens: 12, keys: 3, key_count: 4 }
    log.info(fields, 'the monkey has a key, and a token of esteem')
    expect(JSON.parse(lines[0]!)).toMatchObject({
      ...fields,
      msg: 'the monkey has a key, and a token of esteem',
    })
  })

  it('cleans a long line in linear time', () => {
    const { log, lines } = capture()
    const started = performance.now()
    log.info({ text: 'a://'.repeat(50_000), other: '"key":"'.repeat(20_000) }, 'long')
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(lines).toHaveLength(1)
  })
})
