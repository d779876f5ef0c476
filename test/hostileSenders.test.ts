import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLoopBlocks } from './harness/loopBlocks.ts'
import { startProgram, type Program } from './harness/program.ts'

/** How long a small request may wait for the front door during an attack, at the 99th percentile. */
const MAX_P99_MS = 250

/**
 * How long the front door may be busy with one thing, in milliseconds of processor time. Most attacks need less than
 * 50; the most is needed by a body of 24 MB that is kept, because the database driver copies it.
 */
const MAX_TURN_MS = 120

/** An attack is repeated for this long, and until this many small requests were acknowledged. */
const ATTACK_MS = 1_000
const MIN_SMALL = 100

const MB = 1024 * 1024
const SECRET = 'it is a secret'

const blocks = createLoopBlocks()
let program: Program
let agentId: string
let hooks: Record<'plain' | 'schema' | 'split' | 'dedupe' | 'body' | 'filter' | 'github' | 'ignoring', string>

beforeAll(async () => {
  program = await startProgram({ env: blocks.env })
  const agent = { name: 'Hostile', instructions: 'Help.', model: 'demo/assistant' }
  agentId = (await program.api('POST', '/api/agents', agent)).body.id
  hooks = {
    plain: await newHook({}),
    schema: await newHook({ payload_schema: { type: ['object', 'array'] } }),
    split: await newHook({ split: true }),
    dedupe: await newHook({ dedupe: { from: 'json:/id' } }),
    body: await newHook({ split: '/list', dedupe: { from: 'body' } }),
    filter: await newHook({ filter: 'payload.id == 7', dedupe: { from: 'json:/id' } }),
    ignoring: await newHook({ filter: 'payload.order == 7' }),
    github: await newHook({ source: 'github', secrets: [SECRET] }),
  }
  // A new process would still load and compile code during the first measurement.
  await sendBeside(() => send(hooks.plain, SMALL, JSON_TYPE))
}, 60_000)
afterAll(() => program?.remove())

/** Held tasks do not run, so only the front door is measured. */
async function newHook(options: object): Promise<string> {
  const path = `/api/agents/${agentId}/webhooks`
  const made = await program.api('POST', path, { name: 'Webhook', hold: true, ...options })
  expect(made).toMatchObject({ status: 201 })
  return made.body.url.replace('localhost', '127.0.0.1')
}

type Headers = Record<string, string>

/** Resolves with the status; 0 if the connection broke. */
function send(url: string, body: Buffer, headers: Headers, method = 'POST'): Promise<number> {
  return new Promise((resolve) => {
    // For a GET, the client would send the body without its length: as bytes that are not a request.
    const framed = { ...headers, 'content-length': body.length }
    const outgoing = request(url, { method, headers: framed, timeout: 20_000 }, (response) => {
      response.resume()
      response.on('close', () => resolve(response.statusCode ?? 0))
    })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(0))
    outgoing.end(body)
  })
}

/** Milliseconds of processor time used by the front door's thread so far. */
function computed(): number {
  const [nanoseconds] = readFileSync(`/proc/${program.pid()}/task/${program.pid()}/schedstat`, 'utf8').split(
    ' ',
  )
  return Number(nanoseconds) / 1e6
}

/**
 * Repeats some work, and meanwhile sends small requests at an even rate, however long each takes. Half of them are to
 * be accepted; the other half is ignored by a filter, and so waits only for the front door. How long a request waits is
 * measured as the processor time that the front door uses meanwhile: on an idle machine that is the elapsed time, and
 * on a busy one it is still the front door's own share.
 *
 * @returns the 99th percentile of the waits, in milliseconds, and the share of the requests that was acknowledged
 */
async function sendBeside(work: () => Promise<unknown>): Promise<{ p99: number; acknowledged: number }> {
  const times: number[] = []
  const until = performance.now() + ATTACK_MS
  let isOver = false
  let ok = 0
  const attacking = (async () => {
    while (performance.now() < until || times.length < MIN_SMALL) await work()
    isOver = true
  })()
  const small = async (hook: 'plain' | 'ignoring'): Promise<void> => {
    const before = computed()
    if ((await send(hooks[hook], SMALL, JSON_TYPE)) === 200) ok += 1
    if (hook === 'ignoring') times.push(computed() - before)
  }
  const pending: Promise<void>[] = []
  for (; !isOver; await delay(10)) pending.push(small('plain'), small('ignoring'))
  await Promise.all([attacking, ...pending])
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Infinity
  return { p99, acknowledged: ok / pending.length }
}

const SMALL = Buffer.from('{"order":1024}')
const JSON_TYPE = { 'content-type': 'application/json' }
const MULTIPART = { 'content-type': 'multipart/form-data; boundary=B' }
const part = (name: string) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nx\r\n`
const TEXT = { 'content-type': 'text/plain' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const CLOUD_EVENT = { 'content-type': 'application/cloudevents+json' }
const SIGNED = { ...JSON_TYPE, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }
const LONG_TEXT = Buffer.from('text that is long, '.repeat(1_300_000))
const base64 = () => Buffer.from(`[${'"text",'.repeat(2_600_000)}0]`).toString('base64')
const longNames = () =>
  `{${Array.from({ length: 49_000 }, (_, index) => `"${'k'.repeat(480)}${index}":1`).join(',')}}`
/** A form with one more part. */
const multipart = (content: Buffer, more = '') =>
  Buffer.concat([
    Buffer.from(`--B\r\nContent-Disposition: form-data; name="one"${more}\r\n\r\n`),
    content,
    Buffer.from('\r\n--B--\r\n'),
  ])
const keys = () => Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":0`).join(',')
/** A list of a thousand elements. */
const elements = (bytes: number) =>
  `[${`{"text":"${'x'.repeat(bytes / 1_000 - 20)}"},`.repeat(999)}{"last":true}]`
/** For the GitHub webhook. */
const signed = (body: string) => ({
  hook: 'github' as const,
  body,
  headers: {
    ...JSON_TYPE,
    'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
  },
})
const event = (data: string) => `{"specversion":"1.0","id":"i","type":"t","source":"s","data":${data}}`

it.each<
  [string, () => { hook?: keyof typeof hooks; body: string | Buffer; headers?: Headers; times?: number }]
>([
  [
    'a content type with many spaces',
    () => ({ body: '{}', headers: { 'content-type': `text/x;a=x${' '.repeat(14_000)}y` }, times: 20 }),
  ],
  [
    'gzip bombs',
    () => ({
      body: gzipSync(Buffer.alloc(200 * MB)),
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
      times: 20,
    }),
  ],
  ['a form of 200,000 parts', () => ({ body: part('a').repeat(200_000), headers: MULTIPART })],
  [
    'millions of long numbers, to a schema',
    () => ({ hook: 'schema', body: `[${'1e400,'.repeat(4 * MB)}1]` }),
  ],
  ['a million members, to a schema', () => ({ hook: 'schema', body: `{${keys()}}` })],
  ['millions of elements, to be split', () => ({ hook: 'split', body: `[${'0,'.repeat(10 * MB)}1]` })],
  ['long names, to be split', () => ({ hook: 'split', body: longNames() })],
  ['a thousand long elements, to be split', () => ({ hook: 'split', body: elements(24 * MB) })],
  [
    'long elements from 50 connections, to be split',
    () => ({ hook: 'split', body: elements(2 * MB), times: 50 }),
  ],
  [
    'a thousand elements, to be split, with the body as their key',
    () => ({ hook: 'body', body: `{"list":${elements(24 * MB)}}` }),
  ],
  ['escaped quotes, to a schema', () => ({ hook: 'schema', body: `["${'\\"'.repeat(12 * MB)}"]` })],
  ['escaped quotes, to a source', () => signed(`["${'\\"'.repeat(12 * MB)}"]`)],
  ['space, to a source', () => signed(`[${' '.repeat(24 * MB)}1]`)],
  [
    'space at every depth, to a source',
    () => signed(`${'[ '.repeat(190)}${' '.repeat(24 * MB)}${']'.repeat(190)}`),
  ],
  ['long names, to a source', () => signed(longNames())],
  [
    'long texts and numbers, to a source',
    () => signed(`{"a":[${`"${'é'.repeat(200)}",1e400,12345678901234567890,`.repeat(30_000)}0]}`),
  ],
  ['an object of 24 MB, to a source', () => signed(`{"issue":{"html_url":"${'é'.repeat(12 * MB)}"}}`)],
  [
    'numbers of 64 bits from 50 connections, to a source',
    () => ({ ...signed(`[${'12345678901234567890,'.repeat(99_000)}0]`), times: 50 }),
  ],
  [
    'numbers in 250 kB, to a filter',
    () => ({ hook: 'filter', body: `{"id":[${'1e400,'.repeat(40_000)}0]}`, times: 20 }),
  ],
  ['a key of millions of values', () => ({ hook: 'dedupe', body: `{"id":[${'0,'.repeat(10 * MB)}1]}` })],
  [
    'a CloudEvent of millions of long numbers',
    () => ({
      body: event(`[${'1e400,'.repeat(3 * MB)}1]`),
      headers: { 'content-type': 'application/cloudevents+json' },
    }),
  ],
  [
    'a CloudEvent in base64',
    () => ({ body: event(`null,"data_base64":"${base64()}"`), headers: CLOUD_EVENT }),
  ],
  [
    'a text in gb18030',
    () => ({ body: LONG_TEXT, headers: { 'content-type': 'text/plain; charset=gb18030' } }),
  ],
  [
    'a text in UTF-16',
    () => ({ body: LONG_TEXT, headers: { 'content-type': 'text/plain; charset=utf-16' } }),
  ],
  ['a text', () => ({ body: LONG_TEXT, headers: TEXT })],
  ['a text of control characters', () => ({ body: Buffer.alloc(24 * MB, 1), headers: TEXT })],
  ['a body of no known type', () => ({ body: LONG_TEXT, headers: { 'content-type': 'application/x-odd' } })],
  ['a form with a long field', () => ({ body: `a=${'%41+'.repeat(6 * MB)}`, headers: FORM })],
  ['a form with 10,000 fields', () => ({ body: `a=${'%c3'.repeat(830)}&`.repeat(9_999), headers: FORM })],
  ['a form whose payload is in it', () => ({ body: `payload=["${'%41'.repeat(8 * MB)}"]`, headers: FORM })],
  ['a multipart form with a long field', () => ({ body: multipart(LONG_TEXT), headers: MULTIPART })],
  [
    'a multipart form with a long field in gb18030',
    () => ({
      body: multipart(LONG_TEXT, '\r\nContent-Type: text/plain; charset=gb18030'),
      headers: MULTIPART,
    }),
  ],
  [
    'a multipart form with JSON of many values',
    () => ({
      body: multipart(Buffer.from(`[${'0,'.repeat(12 * MB)}0]`), '\r\nContent-Type: application/json'),
      headers: MULTIPART,
    }),
  ],
  [
    'a file that nearly begins in the field before it',
    () => ({
      body: Buffer.concat([
        Buffer.from(part('a').replace('x', 'a'.repeat(10 * MB))),
        multipart(Buffer.from(`b${'a'.repeat(10 * MB)}`), '; filename="f"'),
      ]),
      headers: MULTIPART,
    }),
  ],
  ['JSON that breaks off at its end', () => ({ body: `["${'é'.repeat(12 * MB)}"` })],
  ['a long text, to a schema', () => ({ hook: 'schema', body: `["${'1,'.repeat(12 * MB)}"]` })],
  ['long names, to a schema', () => ({ hook: 'schema', body: longNames() })],
  ['a key of 24 MB', () => ({ hook: 'dedupe', body: `{"id":["${'é'.repeat(12 * MB)}"]}` })],
  ['a body with a wrong signature', () => ({ hook: 'github', body: LONG_TEXT, headers: SIGNED })],
  ['JSON from 20 connections', () => ({ body: `["${'x'.repeat(2 * MB)}"]`, times: 20 })],
  ['texts from 20 connections', () => ({ body: LONG_TEXT.subarray(0, 2 * MB), headers: TEXT, times: 20 })],
])('%s, and others are not affected', { timeout: 120_000 }, async (_, make) => {
  const { hook = 'plain', body, headers = JSON_TYPE, times = 1 } = make()
  const bytes = Buffer.from(body as string)
  const attack = () => Promise.all(Array.from({ length: times }, () => send(hooks[hook], bytes, headers)))
  await send(hooks.plain, SMALL, JSON_TYPE)
  await blocks.longest(program.pid())
  const { p99, acknowledged } = await sendBeside(attack)
  await send(hooks.plain, SMALL, JSON_TYPE)
  const turn = await blocks.longest(program.pid())
  expect(acknowledged).toBeGreaterThan(0.9)
  expect(p99).toBeLessThan(MAX_P99_MS)
  expect(turn).toBeLessThan(MAX_TURN_MS)
})

it('2,000 malformed requests of every form crash nothing and give no 5xx', { timeout: 60_000 }, async () => {
  const bodies: Buffer[] = [
    Buffer.alloc(0),
    Buffer.from([0xff, 0xfe, 0x00]),
    Buffer.from([0xfe, 0xff, 0xd8, 0x00]),
    Buffer.from('{"a":"\\ud800","__proto__":{"x":1},"constructor":{"prototype":{}}}'),
    Buffer.from('nul\0l'),
    Buffer.from('__proto__=1&constructor=2&a=%zz&a=%ff&=&payload=%00'),
    Buffer.from('payload={"a":&payload=['),
    Buffer.from(`payload=${encodeURIComponent('['.repeat(5_000))}`),
    Buffer.from(`${part('__proto__')}${part('')}--B--`),
    Buffer.from(
      '--B\r\nContent-Disposition: form-data; name="f"; filename="../../etc/\0passwd"\r\n\r\nx\r\n--B--\r\n',
    ),
    Buffer.from('--B\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C'),
    Buffer.from('--B\r\n\r\n\r\n--B'),
    gzipSync('{"a":1}').subarray(0, 12),
    Buffer.concat([gzipSync('{"a":1}'), Buffer.from('more')]),
    Buffer.from(event('{"a":1}').replace('"t"', '{"x":[]}')),
    Buffer.from(`[${event('1')},${event('null')},5]`),
    Buffer.from('{"specversion":"1.0","id":"\\u0000","type":1e999,"data_base64":"%%%"}'),
    Buffer.from('<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d SYSTEM "file:///etc/passwd">]><a>&d;</a>'),
  ]
  const types = [
    'application/json',
    'application/json; charset=utf-16',
    'application/json; charset="constructor"',
    'text/plain; charset=shift_jis',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=B',
    'multipart/form-data; boundary=""',
    `multipart/form-data; boundary=${'b'.repeat(500)}`,
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'application/xml; charset=__proto__',
    '\u00ff/x',
    ';;;===',
    '',
  ]
  const encodings = [
    undefined,
    'gzip',
    'br',
    'deflate',
    'gzip, gzip, gzip',
    'gzip,,identity',
    'zstd',
    '\u00e9',
  ]
  const signatures = [
    '',
    'sha256=',
    `sha256=${'0'.repeat(64)}`,
    `sha256=${'é'.repeat(64)}`,
    'x'.repeat(5_000),
  ]
  const queries = ['', '?', '?a=%00', '?%ff=%zz&&&=', `?${'a&'.repeat(4_000)}`, '?__proto__=1&constructor=2']
  const names = Object.keys(hooks) as (keyof typeof hooks)[]
  const broken: { index: number; status: number }[] = []

  const shoot = async (index: number): Promise<void> => {
    const pick = <T>(list: readonly T[], step: number): T => list[Math.floor(index / step) % list.length] as T
    const encoding = pick(encodings, 3)
    const headers: Headers = {
      'content-type': pick(types, 1),
      'x-hub-signature-256': pick(signatures, 2),
      'idempotency-key': index % 17 === 0 ? 'x'.repeat(300) : `"${index}\\`,
      'ce-id': '\u00ff',
      'ce-specversion': '1.0',
      prefer: 'wait=0, wait=, stream=é',
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    }
    const url = hooks[pick(names, 5)] + pick(queries, 7)
    const status = await send(url, pick(bodies, 1), headers, index % 13 === 0 ? 'GET' : 'POST')
    if (status === 0 || status >= 500) broken.push({ index, status })
  }
  for (let from = 0; from < 2_000; from += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, index) => shoot(from + index)))
  }
  expect(broken).toEqual([])
  expect(await send(hooks.plain, Buffer.from('{}'), JSON_TYPE)).toBe(200)
  expect(program.logged()).not.toMatch(/"level":(?:50|60)/)
})
