import { Liquid } from 'liquidjs'
import { expect, it } from 'vitest'
import { parseExact } from '../../../../src/contract/exactJson.ts'
import { completionsAt } from './completionsAt.ts'
import { FILTERS, TAGS } from './liquidWords.ts'

const sample = {
  payload: {
    action: 'opened',
    issue: {
      title: 'Error 5 after the upgrade to the newest version of all',
      labels: [{ name: 'bug' }, { name: 'ui' }],
    },
    'the key': 1,
    empty: [],
    nothing: null,
  },
  request: { method: 'POST', headers: { 'x-github-event': 'issues' } },
}

const labels = (before: string, isAsked = false) =>
  completionsAt(before, sample, isAsked)?.options.map(({ label }) => label)

it('offers what the payload has, with its type and how it begins', () => {
  expect(completionsAt('Title: {{ payload.', sample)).toEqual({
    from: 18,
    options: [
      { label: 'action', detail: 'string "opened"' },
      { label: 'issue', detail: 'object, 2 fields' },
      { label: 'the key', detail: 'number 1', asIndex: '["the key"]' },
      { label: 'empty', detail: 'array, 0 items' },
      { label: 'nothing', detail: 'null' },
    ],
  })
  expect(completionsAt('{{ payload.issue.ti', sample)).toMatchObject({
    from: 17,
    options: [{ label: 'title', detail: 'string "Error 5 after the upgrade to the newest …"' }, {}],
  })
  expect(labels('{{ request.headers.')).toEqual(['x-github-event'])
})

it('goes into lists, through loops and assignments', () => {
  expect(labels('{{ payload.issue.labels.')).toEqual(['first', 'last', 'size'])
  expect(labels('{{ payload.issue.labels[1].')).toEqual(['name'])
  expect(labels('{{ payload.issue.labels.first.')).toEqual(['name'])
  expect(labels('{% for label in payload.issue.labels %}{{ label.')).toEqual(['name'])
  expect(labels('{% assign one = payload.issue %}{% for l in one.labels %}{{ l.')).toEqual(['name'])
  expect(labels('{{ payload["the key"].')).toBeUndefined()
  expect(labels('{{ payload["issue"].')).toEqual(['title', 'labels'])
  expect(labels('{{ payload.issue.title.')).toEqual(['size'])
  expect(labels('{{ payload.empty.')).toEqual(['size'])
})

it('offers variables, filters and tags where they can be', () => {
  expect(labels('{{ p')).toEqual(['payload', 'request', 'now'])
  expect(labels('{{ ')).toBeUndefined()
  expect(labels('{{ ', true)).toEqual(['payload', 'request', 'now'])
  expect(labels('{% for x in payload.empty %}{{ f')).toContain('forloop')
  expect(labels('{{ payload.action | up')).toContain('upcase')
  expect(labels('{% i')).toContain('if')
  expect(labels('{% if p')).toContain('payload')
})

it('offers nothing in the text, in strings, in numbers and for what is unknown', () => {
  expect(labels('payload.')).toBeUndefined()
  expect(labels('{{ payload.action }} payload.')).toBeUndefined()
  expect(labels('{{ "payload.')).toBeUndefined()
  expect(labels('{{ payload.missing.')).toBeUndefined()
  expect(labels('{{ payload.missing.more.')).toBeUndefined()
  expect(labels('{{ 12')).toBeUndefined()
  expect(labels('{{ payload.__proto__.')).toBeUndefined()
  expect(labels('{{ payload.constructor.')).toBeUndefined()
})

it('knows long numbers, and stays small for a large payload', () => {
  const payload = parseExact('{"id":820982911946154508}')
  expect(completionsAt('{{ payload.', { payload })?.options).toEqual([
    { label: 'id', detail: 'number 820982911946154508' },
  ])
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`f${index}`, index]))
  expect(completionsAt('{{ payload.', { payload: wide })?.options).toHaveLength(300)
})

it('names only filters and tags that the engine has', () => {
  const { filters, tags } = new Liquid()
  for (const { label } of FILTERS) expect(Object.keys(filters)).toContain(label)
  for (const { label } of TAGS) {
    if (/^(?:else|elsif|when)$/.test(label)) continue
    expect(Object.keys(tags)).toContain(label.replace(/^end/, ''))
  }
})
