import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findCodeBlocks, type CodeBlock } from './docs/codeBlocks.ts'
import { PageFailure, RUNNABLE, runPage } from './docs/runPage.ts'
import { differences } from './docs/shape.ts'
import { startStandIns, type StandIns } from './docs/standIns.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FILES = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT }).toSorted()]
/** Folders whose pages are listed in their own index. */
const WITH_INDEX = ['docs/sources', 'docs/recipes']
/** Languages that are not run: data, which must parse, and images. */
const KNOWN = [...RUNNABLE, 'json', 'text']
const WITHOUT = ['python'].filter(() => spawnSync('python3', ['--version']).status !== 0)

const pages = FILES.map((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return { file, text, blocks: findCodeBlocks(text) }
})

describe.skipIf(process.platform !== 'linux')('the documentation', () => {
  let standIns: StandIns
  beforeAll(async () => {
    standIns = await startStandIns()
  }, 60_000)
  afterAll(() => standIns?.stop())

  it.each(pages.filter(({ blocks }) => blocks.some(isRun)))(
    '$file runs as written',
    { timeout: 60_000 },
    async ({ file, blocks }) => {
      const outputs = await runPage(blocks, {
        standIns: standIns.replacements,
        without: WITHOUT,
      }).catch((error: unknown) => {
        throw error instanceof PageFailure ? new Error(`${file}:${error.line} ${error.message}`) : error
      })
      for (const [at, block] of blocks.entries()) {
        if (!block.isAnswer) continue
        const before = blocks.slice(0, at).findLast(isRun)
        const printed = (before && outputs.get(before)) ?? ''
        expect(
          differences(JSON.parse(block.code), parse(printed)),
          `${file}:${block.line} beside ${printed}`,
        ).toEqual([])
      }
    },
  )

  it('skips no language', (context) => {
    const leftOut = pages
      .flatMap(({ blocks }) => blocks)
      .filter((block) => isRun(block) && WITHOUT.includes(block.language))
    if (leftOut.length > 0) context.skip(`${leftOut.length} blocks in ${WITHOUT.join()} were NOT run`)
    expect(pages.flatMap(({ blocks }) => blocks).filter(isRun).length).toBeGreaterThan(20)
  })
})

describe.each(pages)('$file', ({ file, text, blocks }) => {
  it('gives a reason for each block that is not run', () => {
    for (const { language, notRun, line } of blocks) {
      if (notRun === undefined) expect(KNOWN, `${file}:${line}`).toContain(language)
      else expect(notRun.length, `${file}:${line} needs a reason`).toBeGreaterThan(10)
    }
  })

  it('has valid JSON', () => {
    for (const { language, code, line } of blocks) {
      if (language !== 'json') continue
      expect(() => void JSON.parse(code), `${file}:${line}`).not.toThrow()
    }
  })

  it('has no broken links', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|\/api\/)/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const leadsTo = path === '' ? join(ROOT, file) : resolve(ROOT, dirname(file), path)
      expect(existsSync(leadsTo), `${file} links to ${target}`).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(leadsTo), `${file} links to ${target}`).toContain(anchor)
    }
  })
})

it('docs/README.md, or the index of its folder, lists every page', () => {
  const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8')
  for (const { file } of pages) {
    if (file === 'docs/README.md') continue
    const folder = WITH_INDEX.find((one) => dirname(file) === one)
    if (folder !== undefined && basename(file) !== 'README.md') {
      expect(readFileSync(join(ROOT, folder, 'README.md'), 'utf8')).toContain(`](${basename(file)})`)
      continue
    }
    expect(index).toContain(`](${relative('docs', file).replace(/^(\w+)\/README\.md$/, '$1')})`)
  }
})

function isRun({ language, notRun }: CodeBlock): boolean {
  return notRun === undefined && RUNNABLE.includes(language)
}

/** The output of the last command in a block. */
function parse(printed: string): unknown {
  const text = printed.trim()
  try {
    return JSON.parse(text)
  } catch {
    return JSON.parse(text.split('\n').at(-1) ?? '')
  }
}

/** The heading anchors of a page, as GitHub generates them. */
function anchorsOf(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
