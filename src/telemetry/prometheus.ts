import type { Family, Labels } from './metrics.ts'

/** The media type of the text below. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Formats metrics in the Prometheus text format. Families with the same name are merged. */
export function toPrometheusText(families: Family[]): string {
  const byName = Map.groupBy(families, ({ name }) => name)
  return [...byName.values()].map(writeFamilies).join('')
}

function writeFamilies(families: Family[]): string {
  const [first] = families
  if (!first) return ''
  const lines = families.flatMap(writeSeries)
  return [`# HELP ${first.name} ${first.help}`, `# TYPE ${first.name} ${first.type}`, ...lines, ''].join('\n')
}

function writeSeries(family: Family): string[] {
  const { name } = family
  if (family.type !== 'histogram') {
    return family.series.map(({ labels, value }) => `${name}${writeLabels(labels)} ${value}`)
  }
  return family.series.flatMap(({ labels, counts, sum }) => {
    let total = 0
    const buckets = counts.map((count, index) => {
      total += count
      const le = family.bounds[index] ?? '+Inf'
      return `${name}_bucket${writeLabels({ ...labels, le: String(le) })} ${total}`
    })
    const shown = writeLabels(labels)
    return [...buckets, `${name}_sum${shown} ${sum}`, `${name}_count${shown} ${total}`]
  })
}

function writeLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join()}}`
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
