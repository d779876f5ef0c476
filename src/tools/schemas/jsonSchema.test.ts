import { describe, expect, it } from 'vitest'
import { checkJsonSchema, compileJsonSchema } from './jsonSchema.ts'

describe('checkJsonSchema', () => {
  it.each([
    [{}],
    [{ type: 'object', properties: { a: { type: ['string', 'null'], format: 'email' } } }],
    [{ $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] }],
    [{ $schema: 'http://json-schema.org/draft-07/schema#', type: 'array', items: { type: 'string' } }],
    [
      {
        $id: 'https://example.com/a',
        $defs: { n: { type: 'object', properties: { n: { $ref: '#/$defs/n' } } } },
      },
    ],
    [{ $id: 'https://example.com/a', 'x-note': 'the same id again, and a keyword of somebody else' }],
  ])('accepts %o', async (schema) => {
    expect(await checkJsonSchema(schema)).toEqual({ ok: true })
  })

  it.each([
    [[], 'an object'],
    [null, 'an object'],
    ['string', 'an object'],
    [{ type: 'objekt' }, 'type'],
    [{ $ref: 'https://example.com/elsewhere' }, 'https://example.com/elsewhere'],
    [{ $ref: '#/$defs/missing' }, 'missing'],
    [{ pattern: '[' }, 'regular expression'],
    [{ required: 'name' }, 'required'],
    [{ $async: true }, '$async'],
    [{ $ref: '#' }, 'without end'],
  ])('says what is wrong with %o', async (schema, detail) => {
    const check = await checkJsonSchema(schema)
    expect(check.ok ? '' : check.detail).toContain(detail)
  })
})

describe('compileJsonSchema', () => {
  const validate = compileJsonSchema({
    type: 'object',
    properties: { to: { type: 'string', format: 'email' }, n: { enum: [1, 2] } },
    required: ['to'],
    additionalProperties: false,
  })

  it('has nothing to say about what fits', async () => {
    expect(await validate({ to: 'a@example.com', n: 2 })).toBeUndefined()
  })

  it('says everything that does not', async () => {
    const complaint = await validate({ n: 3, more: true })
    expect(complaint).toContain("the value must have required property 'to'")
    expect(complaint).toContain('additional properties: "more"')
    expect(complaint).toContain('/n must be equal to one of the allowed values: [1,2]')
    expect(await validate({ to: 'nobody' })).toBe('/to must match format "email"')
  })

  it('is brief about much', async () => {
    const many = compileJsonSchema({ items: { type: 'string' } })
    expect(await many(Array.from({ length: 50 }, () => 1))).toMatch(/and 45 more$/)
  })
})

describe('a schema of one agent', () => {
  it('does no harm to others, whatever it calls itself', async () => {
    const names = [
      'https://json-schema.org/draft/2020-12/schema',
      'http://json-schema.org/draft-07/schema#',
      'mine',
    ]
    for (const $id of [...names, ...names]) await checkJsonSchema({ $id, type: 'object' })
    expect(await compileJsonSchema({ type: 'object', required: ['a'] })({})).toBeDefined()
    expect(
      (await checkJsonSchema({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'string' })).ok,
    ).toBe(true)
  })

  it('may refer to itself', async () => {
    const validate = compileJsonSchema({
      type: 'object',
      properties: { child: { $ref: '#' }, name: { type: 'string' } },
      additionalProperties: false,
    })
    expect(await validate({ child: { child: { name: 'x' } } })).toBeUndefined()
    expect(await validate({ child: { child: { name: 1 } } })).toBeDefined()
  })

  it('may not refer to what stands elsewhere', async () => {
    expect((await checkJsonSchema({ $ref: 'https://example.com/schema.json' })).ok).toBe(false)
  })
})

describe('uniqueItems', () => {
  const unique = compileJsonSchema({ uniqueItems: true })
  it.each([
    [[1, '1', true, null, { a: 1, b: 2 }], true],
    [
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      false,
    ],
    [[[1], [1]], false],
    [['a', 'b', 'a'], false],
  ])('of %j is %s', async (items, is) => expect((await unique(items)) === undefined).toBe(is))

  it('takes time in proportion to the list', async () => {
    const items = Array.from({ length: 150_000 }, (_, index) => ({ index }))
    const started = performance.now()
    expect(await unique(items)).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
