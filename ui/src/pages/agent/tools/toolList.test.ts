import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpTool } from '../../../../../src/contract/agent.ts'
import { ApiError } from '../../../api/apiError.ts'
import { fieldErrors } from '../../../api/fieldErrors.ts'
import { parseJson } from '../../../lib/json.ts'
import { TOOL_TEMPLATES } from '../toolTemplates.ts'
import { fromPairs, toPairs } from './pairRows.ts'
import { fromParameters, toParameters } from './parameterRows.ts'
import { faultOf, toolFaults } from './toolFaults.ts'
import {
  addTool,
  Draft,
  moveTool,
  nameOf,
  readTools,
  withMember,
  writeTools,
  type Entry,
} from './toolList.ts'
import { hostOf, summarise } from './toolSummary.ts'

const json = fc.jsonValue()
/** Tools as people may write them: known members and others, of any value. */
const tool = fc
  .tuple(
    fc.record(
      {
        type: fc.constantFrom('http', 'openapi', 'mcp', 'builtin', 'other'),
        name: fc.oneof(fc.constant('tool'), json),
        headers: fc.oneof(fc.dictionary(fc.string(), fc.string()), json),
        parameters: fc.oneof(
          fc.record({
            type: fc.constant('object'),
            properties: fc.dictionary(fc.string(), fc.dictionary(fc.string(), json)),
            required: fc.array(fc.string()),
          }),
          json,
        ),
      },
      { requiredKeys: [] },
    ),
    fc.dictionary(fc.string(), json),
  )
  .map(([known, others]): Record<string, unknown> => ({ ...others, ...known }))

function entriesOf(text: string): Entry[] {
  const list = readTools(text)
  if (!list.ok) throw new Error(list.error)
  return list.entries
}

function valueOf(text: string): unknown {
  const parsed = parseJson(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

describe('the list of tools', () => {
  it('is the same after it was read and written', () =>
    fc.assert(
      fc.property(fc.array(fc.oneof(tool, json)), (tools) => {
        const text = JSON.stringify(tools)
        expect(valueOf(writeTools(entriesOf(text)))).toEqual(JSON.parse(text))
      }),
    ))

  it('keeps everything but the member that is changed, in its place', () =>
    fc.assert(
      fc.property(fc.array(tool, { minLength: 1 }), json, (tools, value) => {
        const text = JSON.stringify(tools)
        const entries = entriesOf(text)
        const changed = entries.map(({ key, tool: one }, at) => ({
          key,
          tool: at === 0 ? withMember(one as Record<string, unknown>, 'url', value) : one,
        }))
        const [first, ...others] = JSON.parse(text)
        expect(valueOf(writeTools(changed))).toEqual([
          { ...first, url: JSON.parse(JSON.stringify(value)) },
          ...others,
        ])
      }),
    ))

  it('holds a draft as it was typed, and is no JSON as long as it does', () =>
    fc.assert(
      fc.property(
        tool,
        fc.oneof(
          fc.string(),
          json.map((value) => JSON.stringify(value)),
        ),
        (one, typed) => {
          const text = writeTools([{ key: 1, tool: { ...one, body: new Draft(typed) } }])
          expect(text).toContain(typed)
          expect(parseJson(text).ok).toBe(false)
        },
      ),
    ))

  it('says what is wrong with a text that is no list, and has no tools without a text', () => {
    expect(readTools('[')).toMatchObject({ ok: false, error: 'Invalid JSON: unexpected end of input.' })
    expect(readTools('{}')).toMatchObject({ ok: false, error: 'Enter a JSON array: [ … ]' })
    expect(readTools(' ')).toEqual({ ok: true, entries: [] })
  })

  it('gives a tool that is added a name of its own, and keeps the keys of the others', () => {
    const [template] = TOOL_TEMPLATES
    if (!template) throw new Error('there is a template')
    const one = addTool([], template.tool)
    const three = addTool(addTool(one, template.tool), template.tool, 0)
    expect(three.map((entry) => nameOf(entry.tool))).toEqual([
      'search_items_3',
      'search_items',
      'search_items_2',
    ])
    expect(three[1]?.key).toBe(one[0]?.key)
    expect(moveTool(three, 0, 2).map(({ key }) => key)).toEqual(
      [three[1], three[2], three[0]].map((entry) => entry?.key),
    )
    const again = readTools(writeTools(three), three)
    expect(again.ok && again.entries.map(({ key }) => key)).toEqual(three.map(({ key }) => key))
  })
})

describe('rows of a form', () => {
  it('for names and values make the same record again', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { minKeys: 1 }), (record) => {
        expect(fromPairs(toPairs(record) ?? [])).toEqual({ ...record })
      }),
    ))

  it('are not there for what is no record of texts', () => {
    expect([toPairs({ a: 1 }), toPairs([]), toPairs('a'), toPairs(new Draft('{'))]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(toPairs(undefined)).toEqual([])
  })

  it('with one name twice become a draft that holds both', () => {
    const made = fromPairs([
      { name: 'X', value: 'one' },
      { name: 'X', value: 'two' },
    ])
    expect(made).toBeInstanceOf(Draft)
    expect(made instanceof Draft && made.text).toMatch(/"X": "one".*"X": "two"/)
    expect(parseJson(writeTools([{ key: 1, tool: { headers: made } }])).ok).toBe(false)
    expect(fromPairs([{ name: '', value: '' }])).toBeUndefined()
    expect(fromPairs([{ name: '', value: 'lost?' }])).toBeInstanceOf(Draft)
  })

  it('for parameters make the same schema again, whatever else it says', () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), json),
        fc.dictionary(fc.string({ minLength: 1 }), fc.dictionary(fc.string(), json)),
        fc.uniqueArray(fc.string()),
        (others, properties, required) => {
          const schema = { ...others, type: 'object', properties, required }
          const rows = toParameters(schema)
          expect(rows && fromParameters(rows, schema)).toEqual(schema)
        },
      ),
    ))

  it('for parameters can be renamed, made optional, added and removed', () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string', pattern: '^[A-Z]' }, days: { type: 'integer', maximum: 7 } },
      required: ['city', 'elsewhere'],
      additionalProperties: false,
    }
    const [city, days] = toParameters(schema) ?? []
    if (!city || !days) throw new Error('there are two rows')
    expect(
      fromParameters(
        [
          { ...city, name: 'town' },
          { ...days, required: true },
        ],
        schema,
      ),
    ).toEqual({
      ...schema,
      properties: { town: schema.properties.city, days: schema.properties.days },
      required: ['town', 'days', 'elsewhere'],
    })
    expect(fromParameters([days], schema)).toEqual({
      ...schema,
      properties: { days: schema.properties.days },
      required: ['elsewhere'],
    })
    expect(fromParameters([{ name: 'q', schema: { type: 'string' }, required: false }], undefined)).toEqual({
      type: 'object',
      properties: { q: { type: 'string' } },
    })
    expect(fromParameters([city, { ...days, name: 'city' }], schema)).toBeInstanceOf(Draft)
  })
})

describe('a row of the list', () => {
  it('says what a tool is, whatever it holds', () =>
    fc.assert(
      fc.property(fc.oneof(tool, json), (one) => {
        expect(summarise(one, undefined)).toMatchObject({
          kind: expect.any(String),
          name: expect.any(String),
        })
      }),
    ))

  it('shows method, host, access, approval and secrets', () => {
    const refund = TOOL_TEMPLATES.find(({ title }) => title === 'Stripe refund')
    expect(summarise(refund?.tool, undefined)).toEqual({
      kind: 'HTTP',
      name: 'refund_payment',
      about: 'Refunds a payment, in full or in part.',
      target: 'POST api.stripe.com',
      access: 'Write',
      approval: 'Needs approval',
      secrets: ['STRIPE_SECRET_KEY'],
    })
    expect(hostOf('{{ secrets.BASE_URL }}/v1')).toBe('{{ secrets.BASE_URL }}')
    expect(hostOf('https://{{ secrets.TENANT }}.example.com/x')).toBe('{{ secrets.TENANT }}.example.com')
  })
})

describe('templates', () => {
  it('fit the contract, and hold no secret but by reference', () => {
    for (const { tool: one } of TOOL_TEMPLATES) {
      expect(HttpTool.parse(one)).toEqual(one)
      for (const [name, value] of Object.entries(one.headers ?? {})) {
        if (/authorization|key|token/i.test(name)) expect(value).toContain('{{ secrets.')
      }
    }
    expect(new Set(TOOL_TEMPLATES.map(({ tool: { name } }) => name)).size).toBe(TOOL_TEMPLATES.length)
  })
})

describe('what the server finds wrong', () => {
  it('is sorted by tool and member', () => {
    const errors = [
      { pointer: '/tools/1/url', detail: 'there is no secret X; save it first: PUT /api/secrets/X' },
      { pointer: '/tools/1/headers/X-Key', detail: 'is not a valid header name' },
      { pointer: '/tools/0', detail: 'has an unknown field' },
      { pointer: '/tools', detail: 'there are too many' },
    ]
    const { fields } = fieldErrors(new ApiError(422, { errors }), ['tools'])
    const found = toolFaults(fields.tools)
    expect(found.rest).toEqual(['There are too many'])
    expect(found.byTool[0]).toEqual({ '': 'Has an unknown field' })
    expect(faultOf(found.byTool[1] ?? {}, 'url')).toContain('There is no secret X')
    expect(faultOf(found.byTool[1] ?? {}, 'headers')).toBe('X-Key: Is not a valid header name')
    expect(faultOf(found.byTool[1] ?? {}, 'body')).toBeUndefined()
  })
})
