/** One line of the table of figures. */
export type Row = {
  what: string
  measured: string
  /** The required value, and the target. */
  least: string
  aim: string
  /** Processor use by other programs during the measurement. */
  others: string
}

export const HEADINGS = ['figure', 'measured', 'at least', 'aim', 'CPU used by others'] as const

const START = '<!-- bench:start -->'
const END = '<!-- bench:end -->'

/** The figures shown on the front page, by the start of their names. */
export const FRONT_PAGE: readonly string[] = [
  'durable accepts ÷ bare Fastify POST echo, 64',
  'runs per second end to end',
  'trigger → SUCCESS',
  'resident memory of front door and worker',
]

export function renderLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`
}

export function renderHead(headings: readonly string[]): string {
  return renderLine(headings) + renderLine(headings.map(() => '---'))
}

export function cellsOf({ what, measured, least, aim, others }: Row): string[] {
  return [what, measured, least, aim, others]
}

/** Merges measured rows into those of a page: replacing the older row, or at the end. */
export function mergeRows(page: string, measured: readonly Row[]): Row[] {
  const rows = new Map(readRows(page).map((row) => [row.what, row]))
  for (const row of measured) rows.set(row.what, row)
  return [...rows.values()]
}

/** The page with all figures. */
export function renderPage(page: string, rows: readonly Row[], conditions: string): string {
  const table = renderHead(HEADINGS) + rows.map((row) => renderLine(cellsOf(row))).join('')
  return betweenMarks(page, `${conditions}\n\n${table}`)
}

/** The front page with its four figures. */
export function renderFrontPage(page: string, rows: readonly Row[]): string {
  const chosen = FRONT_PAGE.map((begin) => rows.find(({ what }) => what.startsWith(begin)))
  const lines = chosen.map((row) => (row ? renderLine([row.what, row.measured, row.least]) : ''))
  return betweenMarks(page, renderHead(['figure', 'measured', 'at least']) + lines.join(''))
}

/** Reads the table rows written by an earlier run. */
function readRows(page: string): Row[] {
  const [, inside] = split(page)
  return inside
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const cells = line.split('|').slice(1, -1)
      const [what = '', measured = '', least = '', aim = '', others = ''] = cells.map((cell) => cell.trim())
      return { what, measured, least, aim, others }
    })
}

function betweenMarks(page: string, text: string): string {
  const [before, , after] = split(page)
  return `${before}${START}\n\n${text}\n${END}${after}`
}

function split(page: string): [before: string, inside: string, after: string] {
  const [before = '', rest] = page.split(START)
  const [inside = '', after] = rest?.split(END) ?? []
  if (after === undefined) throw new Error(`the page needs the marks ${START} and ${END}`)
  return [before, inside, after]
}
