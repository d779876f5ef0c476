import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExact } from '../../contract/exactJson.ts'
import { valueAt } from '../../contract/jsonPointer.ts'
import { toUtf8, toValidUtf8 } from './charset.ts'
import { readCloudEvent } from './cloudEvents.ts'
import { readForm } from './form.ts'
import { hashInTurns } from './hashInTurns.ts'
import { readChildren } from './jsonChildren.ts'
import { toJsonString } from './jsonBytes.ts'
import { endOfString } from '../../contract/longJson/jsonStrings.ts'
import { locateValue } from './locateValue.ts'
import { readMultipart } from './multipart.ts'
import { parseLong } from '../../contract/longJson/parseLong.ts'
import { Payload } from './payload.ts'

/** Texts of all planes, with halves of pairs as U+FFFD. */
const text = fc.string({ unit: 'binary', maxLength: 60 })
const json = fc.json({ maxDepth: 3 })
const parse = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'))

/** How many marks an invalid sequence becomes depends on the decoder. */
const oneMark = (bytes: Buffer): unknown =>
  JSON.parse(bytes.toString('utf8').replaceAll(/\uFFFD+/g, '\uFFFD'))

describe('what is converted in slices', () => {
  it('is the same string in JSON', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 4, max: 9 }), async (value, slice) => {
        const bytes = Buffer.from(value)
        expect(parse(await toJsonString(bytes, slice))).toBe(bytes.toString('utf8'))
      }),
    )
  })

  it('is the same text from another charset', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (value, slice) => {
        const written = Buffer.from(value).toString('utf8')
        const bytes = Buffer.from(`\uFEFF${written}`, 'utf16le')
        expect((await toUtf8(bytes, undefined, slice)).toString('utf8')).toBe(written)
      }),
    )
    const gb18030 = Buffer.from([0xd6, 0xd0, 0x81, 0x30, 0x81, 0x30, 0xce, 0xc4])
    for (let slice = 1; slice < 9; slice += 1) {
      expect((await toUtf8(gb18030, 'gb18030', slice)).toString('utf8')).toBe('中\u0080文')
      await expect(toUtf8(gb18030.subarray(0, -1), 'gb18030', slice)).rejects.toThrow('not valid gb18030')
    }
  })

  it('is the same text where UTF-8 is not valid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.integer({ min: 1, max: 9 }), async (bytes, slice) => {
        const body = Buffer.from(bytes)
        expect((await toValidUtf8(body, slice)).toString('utf8')).toBe(body.toString('utf8'))
      }),
    )
  })

  it('are the same fields of a form', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '&',
        '=',
        '%',
        '%4',
        '%41',
        '%e9',
        '%F0%9F',
        '+',
        'payload=',
        '{"a":1}',
        '__proto__',
        '7',
        '?',
      ),
      // URLSearchParams garbles other characters beside an escape that is not valid.
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.integer({ min: 4, max: 9 }), async (pieces, slice) => {
        const body = Buffer.from(pieces.join(''))
        const [long, short] = await Promise.all([readForm(body, slice), readForm(body)])
        expect(oneMark(long.json)).toEqual(oneMark(short.json))
      }),
      { numRuns: 500 },
    )
  })

  it('are the same fields and files of a multipart form', async () => {
    const part = fc
      .record({
        name: fc.constantFrom('a', 'b', '__proto__', 'payload', ''),
        filename: fc.option(fc.constantFrom('f.txt', ''), { nil: undefined }),
        type: fc.option(fc.constantFrom('application/json', 'text/plain', 'text/plain; charset=utf-8'), {
          nil: undefined,
        }),
        content: fc.oneof(text, json, fc.constantFrom('\r\n\r\n', '\r\n--', '--B', '\r\n-')),
      })
      .map(({ name, filename, type, content }) =>
        [
          `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`,
          ...(type === undefined ? [] : [`Content-Type: ${type}`]),
          '',
          content,
        ].join('\r\n'),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const body = Buffer.from(`${parts.map((one) => `--B\r\n${one}\r\n`).join('')}--B--\r\n`)
        const [short, long] = await Promise.all([readMultipart(body, 'B'), readMultipart(body, 'B', 4)])
        expect(parse(long.json)).toEqual(parse(short.json))
        const files = ({ attachments }: Payload) =>
          attachments.map(({ offset, ...file }) => [
            file,
            body.toString('latin1', offset, offset + file.size),
          ])
        expect(files(long)).toEqual(files(short))
      }),
      { numRuns: 300 },
    )
  })
})

it('finds the members and elements of any JSON', async () => {
  await fc.assert(
    fc.asyncProperty(json, fc.constantFrom(undefined, 1, '\t'), async (value, space) => {
      const parsed = JSON.parse(value)
      const found = await readChildren(Buffer.from(JSON.stringify(parsed, null, space)), 1_000, 3)
      if (typeof parsed !== 'object' || parsed === null) {
        expect(found).toBeUndefined()
        return
      }
      const children = found?.children.map(({ name, value: child }) => [name && parse(name), parse(child)])
      const names = Array.isArray(parsed) ? parsed.map(() => undefined) : Object.keys(parsed)
      expect(found?.isObject).toBe(!Array.isArray(parsed))
      expect(children).toEqual(Object.values(parsed).map((child, index) => [names[index], child]))
    }),
  )
})

it('keeps the digits of a CloudEvent, also in base64', async () => {
  const data = '{"id": 12345678901234567890}'
  const event = (more: string) =>
    readCloudEvent(new Payload(Buffer.from(`{"specversion":"1.0","id":"i","type":"t","source":"s",${more}}`)))
  expect((await event(`"data" : ${data} `)).json.toString()).toBe(data)
  expect((await event(`"data_base64":"${btoa(data)}"`)).json.toString()).toBe(data)
  expect((await event('"data_base64":"/w=="')).json.toString()).toBe('"/w=="')
  await expect(event(`"long":"${'x'.repeat(70_000)}"`)).rejects.toThrow('more than 65536 bytes')
})

it('refuses a long text that is six times as long in JSON', async () => {
  await expect(toJsonString(Buffer.alloc(1_000_000, 1))).rejects.toThrow('control characters')
  expect(parse(await toJsonString(Buffer.from('"\n'.repeat(50_000))))).toBe('"\n'.repeat(50_000))
})

/** JSON with all that parsing in parts could cut: escapes, pairs, long names, numbers that lose digits, space. */
const anyJson = fc.letrec<{ value: string }>((tie) => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('__proto__', 'a', '', '7', 'toString', '"\\u'),
  )
  return {
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('12345678901234567890', '1e400', '-0.50', 'true', 'null', '7', '""', '[]', '{ }'),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
      fc.constantFrom('"\\u00e9\\ud83d\\ude00\\\\\\"\\n\\/"', '"\\\\\\\\"', `"${'\\"'.repeat(20)}"`),
      fc.array(tie('value'), { maxLength: 5 }).map((items) => `[ ${items.join(' ,  ')}]`),
      fc
        .array(fc.tuple(name, tie('value')), { maxLength: 5 })
        .map(
          (members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}  :${value} `).join(',')}}`,
        ),
    ),
  }
}).value

describe('long JSON', () => {
  it('is parsed in parts to the same value', async () => {
    await fc.assert(
      fc.asyncProperty(anyJson, fc.integer({ min: 12, max: 40 }), async (text, sliceBytes) => {
        const parsed = await parseLong(Buffer.from(` ${text}\n`), { sliceBytes })
        const expected = parseExact(text)
        expect(parsed).toEqual(expected)
        expect(JSON.stringify(parsed)).toBe(JSON.stringify(expected))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is refused with too many values, or a number of too many digits', async () => {
    const values = parseLong(Buffer.from('[1,[2,{"a":3}]]'), { maxValues: 4, sliceBytes: 12 })
    await expect(values).rejects.toThrow('more than 4 values')
    for (const long of ['1e1', '-2E5', '1234567890123456']) {
      await expect(parseLong(Buffer.from(`[${`${long},`.repeat(20_001)}1]`))).rejects.toThrow(
        'more than 20000',
      )
    }
    const short = `[${'true,false,123456,'.repeat(20_001)}1]`
    expect(await parseLong(Buffer.from(short))).toHaveLength(60_004)
    await expect(parseLong(Buffer.from(`[${'1'.repeat(1_001)}]`))).rejects.toThrow(
      'more than 1000 characters',
    )
  })

  it('has the same value at a pointer', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyJson,
        fc.array(fc.constantFrom('a', '0', '1', '', '7', '__proto__', '"\\u', '01'), { maxLength: 3 }),
        async (text, path) => {
          const pointer = path.map((part) => `/${part}`).join('')
          const located = await locateValue(Buffer.from(text), pointer, 12)
          const wanted = valueAt(parseExact(text), pointer)
          expect(located && parseExact(located.toString())).toEqual(wanted)
        },
      ),
      { numRuns: 1_000 },
    )
    expect((await locateValue(Buffer.from('{"a":1,"\\u0061":[2, 3]}'), '/a/1'))?.toString()).toBe('3')
  })

  it('has its quotes looked at in turns', () => {
    const text = Buffer.from(`"${'\\"'.repeat(10)}\\\\" `)
    let at = endOfString(text, 1, 3)
    let turns = 0
    for (; at < 0; at = endOfString(text, ~at, 3)) turns += 1
    expect([at, turns]).toEqual([text.length - 2, 3])
  })
})

it('has its hash computed in turns', async () => {
  const bytes = Buffer.alloc(3.5 * 1024 * 1024, 'abc')
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const found = await hashInTurns(bytes)
  isOver = true
  expect(found.toString('hex')).toBe(hash('sha256', bytes, 'hex'))
  expect(turns).toBeGreaterThanOrEqual(3)
  expect((await hashInTurns(Buffer.from('a'))).toString('hex')).toBe(hash('sha256', 'a', 'hex'))
})
