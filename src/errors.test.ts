import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { BellwireError, ERRORS, isErrorCode } from './errors.ts'

const documented = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => /^\| `(\w+)` +\| (\d+) +\| (.+?)\. +\| (.+?) +\|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, code, status, title, hint]) => ({ code, status: Number(status), title, hint }))

it('docs/errors.md says of every code what the table says, in its order', () => {
  expect(documented).toEqual(Object.entries(ERRORS).map(([code, error]) => ({ code, ...error })))
})

it.each(Object.entries(ERRORS))('%s is a proper error', (code, { status, title, hint }) => {
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(600)
  expect(title).toMatch(/^[A-Z].*[^.]$/)
  expect(hint).toMatch(/^[A-Z].*\.$/)
})

it('an error speaks in the words of its code unless it is given others', () => {
  expect(new BellwireError('not_found').message).toBe('Not found. Check the URL.')
  expect(new BellwireError('not_found', 'No such page.').message).toBe('No such page.')
  expect(new BellwireError('not_found').status).toBe(404)
  expect(new BellwireError('not_found', undefined, { status: 502 }).status).toBe(502)
})

it('knows its codes', () => {
  expect(isErrorCode('not_found')).toBe(true)
  expect(isErrorCode('toString')).toBe(false)
})
