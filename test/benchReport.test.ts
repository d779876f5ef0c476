import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FRONT_PAGE, mergeRows, renderFrontPage, renderPage, type Row } from '../bench/report.ts'

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const row = (what: string, measured: string): Row => ({ what, measured, least: '1', aim: '2', others: '3 %' })

describe('the page of benchmarks', () => {
  it('keeps figures that were not measured again, and adds new ones at the end', () => {
    const page = renderPage(
      '# Page\n\n<!-- bench:start -->\n<!-- bench:end -->\n\nMore.\n',
      [row('a', '1'), row('b', '1')],
      'Quiet.',
    )
    const rows = mergeRows(page, [row('b', '2'), row('c', '2')])
    expect(rows).toEqual([row('a', '1'), row('b', '2'), row('c', '2')])
    const next = renderPage(page, rows, 'Busy.')
    expect(next).toMatch(/^# Page\n\n<!-- bench:start -->\n\nBusy\.\n/)
    expect(next).toContain('| b | 2 | 1 | 2 | 3 % |\n')
    expect(next).toMatch(/<!-- bench:end -->\n\nMore\.\n$/)
    expect(next).not.toContain('Quiet')
  })

  it('fails if its markers are missing', () => {
    expect(() => renderPage('# Page\n', [], '')).toThrow('needs the marks')
  })

  it('has every figure of the front page, with the same value', () => {
    const rows = mergeRows(read('docs/benchmarks.md'), [])
    for (const begin of FRONT_PAGE)
      expect(rows.map(({ what }) => what)).toContainEqual(expect.stringContaining(begin))
    const cells = (text: string): string => text.replace(/[ -]+/g, ' ')
    expect(cells(read('README.md'))).toBe(cells(renderFrontPage(read('README.md'), rows)))
  })
})
