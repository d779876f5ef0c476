// Writes docs/sources from the table of sources. A test fails while these pages are out of date.
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sourcePages } from '../test/docs/sourcePages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = await sourcePages()
mkdirSync(`${root}/docs/sources`, { recursive: true })
for (const path of globSync('docs/sources/*.md', { cwd: root }))
  if (!pages.has(path)) rmSync(`${root}/${path}`)
for (const [path, text] of pages) writeFileSync(`${root}/${path}`, text)
