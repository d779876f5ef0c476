import { expect, it } from 'vitest'
import { HttpTool, Tool } from '../contract/agent.ts'
import { secretNames } from '../contract/secretNames.ts'
import { secretsUsedBy } from './secretUse.ts'

it.each([
  ['', []],
  ['Bearer {{ secrets.TOKEN }}', ['TOKEN']],
  ['{{secrets.A}}{{ secrets.B | upcase }}{{ secrets.A }}', ['A', 'B']],
  [`{{ secrets["A"] }} {{ secrets['B'] }}`, ['A', 'B']],
  ['{% if secrets.A == secrets.B %}x{% endif %}', ['A', 'B']],
  ['{{\n secrets . A\n}}', ['A']],
  ['secrets.A outside of a tag', []],
  ['{{ arguments.secret.A }} {{ mysecrets.B }}', []],
])('finds in %j the names %j', (template, names) => {
  expect([...secretNames(template)]).toEqual(names)
})

it('looks into the URL, the headers and the body of a tool', () => {
  const tool = HttpTool.parse({
    type: 'http',
    name: 'x',
    description: 'not here: {{ secrets.NO }}',
    url: 'https://x/{{ secrets.URL }}',
    headers: { a: '{{ secrets.HEADER }}' },
    body: '{{ secrets.BODY }}',
    access: 'read',
  })
  expect([...secretsUsedBy([tool, { type: 'builtin', name: 'current_time' }])]).toEqual([
    'URL',
    'HEADER',
    'BODY',
  ])
})

it('looks into what servers and documents are reached by', () => {
  const tools = [
    { type: 'mcp', name: 'a', url: 'https://{{ secrets.A }}/', headers: { x: '{{ secrets.B }}' } },
    { type: 'mcp', name: 'b', command: 'run', args: ['{{ secrets.NO }}'], env: { X: '{{ secrets.C }}' } },
    {
      type: 'openapi',
      name: 'c',
      url: '{{ secrets.D }}/',
      operations: ['x'],
      server: '{{ secrets.E }}',
      auth: { key: '{{ secrets.F }}' },
    },
  ]
  expect([...secretsUsedBy(tools.map((tool) => Tool.parse(tool)))].join('')).toBe('ABCDEF')
})
