import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { startBenchServer } from './database.ts'
import { FIGURES, type Options } from './figures.ts'
import { GENERATOR } from './load.ts'
import { profileInto } from './profile.ts'
import { describeQuiet, loadAverage, watchQuiet } from './quiet.ts'
import {
  cellsOf,
  HEADINGS,
  mergeRows,
  renderFrontPage,
  renderHead,
  renderLine,
  renderPage,
  type Row,
} from './report.ts'

// `npm run bench -- [NAME ...] [--write]`: figures, each against a baseline from the same run, on a separate database
// with fsync on. The load generator runs on the same machine. `--write` puts them into docs/benchmarks.md and
// README.md.
// `--profile FOLDER` writes a CPU profile of each process and prints its most expensive functions; it slows them down.
const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    'horizon-seconds': { type: 'string', default: '60' },
    backlog: { type: 'string', default: '50000' },
    tasks: { type: 'string', default: '1000000' },
    'later-seconds': { type: 'string', default: '60' },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const options: Options = {
  rounds: count('rounds'),
  seconds: count('seconds'),
  horizonSeconds: count('horizon-seconds'),
  backlog: count('backlog'),
  laterSeconds: count('later-seconds'),
  tasks: count('tasks'),
}
const unknown = wanted.filter((name) => !FIGURES.some((figure) => figure.name === name))
if (unknown.length > 0) {
  throw new Error(`unknown: ${unknown.join(', ')}; there are ${FIGURES.map(({ name }) => name).join(', ')}`)
}

const memory = (totalmem() / 2 ** 30).toFixed(0)
const conditions =
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${memory} GB, Node ${process.version}, ` +
  `PostgreSQL 18 embedded, load by ${GENERATOR} on the same machine, ${options.rounds} rounds of ${options.seconds} s. ` +
  `Load average before: ${loadAverage()}.`
if (values.profile !== undefined) await profileInto(values.profile)
const server = await startBenchServer()
const rows: Row[] = []
try {
  process.stdout.write(`${conditions}\n\n${renderHead(HEADINGS)}`)
  for (const figure of FIGURES) {
    if (wanted.length > 0 && !wanted.includes(figure.name)) continue
    const howQuiet = await watchQuiet([process.pid, server.pid])
    const measured = await figure.measure(server, options)
    const others = describeQuiet(await howQuiet())
    for (const row of measured.map((one): Row => ({ ...one, others }))) {
      process.stdout.write(renderLine(cellsOf(row)))
      rows.push(row)
    }
  }
} finally {
  await server.stop()
}
if (values.write) {
  const all = mergeRows(await readFile(pathOf('docs/benchmarks.md'), 'utf8'), rows)
  await rewrite('docs/benchmarks.md', (page) => renderPage(page, all, conditions))
  await rewrite('README.md', (page) => renderFrontPage(page, all))
}

function count(name: Exclude<keyof typeof values, 'write' | 'profile'>): number {
  const value = Number(values[name])
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number of 1 and more`)
  return value
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url))
}

async function rewrite(name: string, change: (page: string) => string): Promise<void> {
  const text = change(await readFile(pathOf(name), 'utf8'))
  const style = await resolveConfig(pathOf(name))
  await writeFile(pathOf(name), await format(text, { ...style, filepath: name }))
}
