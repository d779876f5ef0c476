import { parseArgs } from 'node:util'
import { runChaos, type ChaosReport } from './chaos.ts'
import { SABOTAGES, sabotaged } from './sabotage.ts'
import type { SiteName } from './site.ts'
import { renderReports } from './table.ts'

// `npm run chaos -- --kills 300 --seed anything`: half of the kills on each site. `--site` selects one site,
// `--without` removes safeguards, to see the harness report it.
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '40' },
    seed: { type: 'string', default: String(Date.now()) },
    site: { type: 'string' },
    without: { type: 'string' },
  },
})
const kills = Number(values.kills)
if (!Number.isInteger(kills) || kills < 1) throw new Error('--kills takes a number')
const names = values.without?.split(',') ?? []
const without = SABOTAGES.filter((name) => names.includes(name))
if (without.length < names.length) throw new Error(`--without takes some of ${SABOTAGES.join()}`)
const all: SiteName[] = ['all-in-one', 'apart']
const sites = all.filter((site) => values.site === undefined || values.site === site)
if (sites.length === 0) throw new Error(`--site takes one of ${all.join(', ')}`)

// The processes belong to this run, which must end them even if it is stopped itself.
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())

process.stdout.write(`${kills} kills, --seed ${values.seed}\n`)
const reports: ChaosReport[] = []
for (const [index, site] of sites.entries()) {
  const share = index === 0 ? Math.ceil(kills / sites.length) : Math.floor(kills / sites.length)
  if (share === 0) continue
  const report = await runChaos({
    site,
    kills: share,
    seed: values.seed,
    signal: stop.signal,
    ...(without.length > 0 ? { env: sabotaged(...without) } : {}),
    onStrike: ({ kind }, count) => process.stderr.write(`${site} ${count}/${share} ${kind}\n`),
  })
  reports.push(report)
  for (const { rule, marker, detail } of report.violations) {
    process.stdout.write(`VIOLATION ${rule}: ${marker ?? ''} ${detail}\n`)
  }
  if (report.violations.length > 0) process.stderr.write(`${report.logged}\n`)
}
process.stdout.write(`\n${renderReports(reports)}`)
process.exitCode = reports.some(({ violations }) => violations.length > 0) ? 1 : 0
