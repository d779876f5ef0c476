import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AgentConfig, AgentPatch } from './agent.ts'
import { jsonPointer, toFieldErrors } from './fieldErrors.ts'

function errorsOf(schema: z.ZodType, input: unknown): Record<string, string> {
  const { error } = schema.safeParse(input)
  const errors = error ? toFieldErrors(error.issues, { schema, input, pointer: jsonPointer }) : []
  return Object.fromEntries(errors.map(({ pointer, detail }) => [pointer, detail]))
}

describe('a field that is not known', () => {
  it('is told with the name that it may be meant for, all of them at once', () => {
    const errors = errorsOf(AgentConfig, {
      nmae: 'x',
      instruction: '',
      model: 'demo/assistant',
      outputSchema: {},
      limits: { maxSteps: 1, teapot: 2 },
      tools: [
        { type: 'http', name: 'a', description: '', url: 'x', method: 'GET', acess: 'read', server: '' },
      ],
    })
    expect(errors).toMatchObject({
      '/nmae': 'is not a known field; did you mean "name"?',
      '/instruction': 'is not a known field; did you mean "instructions"?',
      '/outputSchema': 'is not a known field; did you mean "output_schema"?',
      '/limits/maxSteps': 'is not a known field; did you mean "max_steps"?',
      '/limits/teapot': 'is not a known field',
      '/tools/0/acess': 'is not a known field; did you mean "access"?',
      // "server" is a field of other types of tools.
      '/tools/0/server': 'is not a known field',
      '/name': 'is missing',
    })
  })

  it('is found below what may be left out or null, and in records and unions', () => {
    expect(errorsOf(AgentPatch, { budget: { max_cost_per_day: 1 } })).toEqual({
      '/budget/max_cost_per_day': 'is not a known field; did you mean "max_cost_usd_per_day"?',
    })
    const schema = z.object({
      byName: z.record(z.string(), z.strictObject({ colour: z.string().optional() })),
    })
    expect(errorsOf(schema, { byName: { x: { color: 1 } } })).toEqual({
      '/byName/x/color': 'is not a known field; did you mean "colour"?',
    })
  })

  it('is not taken for one that is there already', () => {
    expect(errorsOf(z.strictObject({ name: z.string() }), { name: 'x', names: 'y' })).toEqual({
      '/names': 'is not a known field',
    })
  })

  it('costs little, however many there are and however long', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`nam${index}`, 1]))
    const begun = performance.now()
    expect(Object.keys(errorsOf(AgentConfig, many))).toHaveLength(100)
    expect(Object.keys(errorsOf(AgentConfig, { ['x'.repeat(4_000_000)]: 1 }))).toHaveLength(4)
    expect(performance.now() - begun).toBeLessThan(2_000)
  })
})
