import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { sourcePages } from './docs/sourcePages.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

it('docs/sources matches the sources; otherwise run "npm run docs:sources"', async () => {
  const pages = await sourcePages()
  expect(globSync('docs/sources/*.md', { cwd: ROOT }).toSorted()).toEqual([...pages.keys()].toSorted())
  for (const [path, text] of pages) expect(readFileSync(`${ROOT}/${path}`, 'utf8'), path).toBe(text)
})
