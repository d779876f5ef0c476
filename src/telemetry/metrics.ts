/** Label names and values of one metric. Few values each: every combination is kept. */
export type Labels = Readonly<Record<string, string>>

export type Counter = { add(labels: Labels, by?: number): void }
export type Gauge = { set(labels: Labels, value: number): void }
export type Histogram = { observe(labels: Labels, value: number): void }

/** A metric with all its series, as a JSON value. */
export type Family =
  | { name: string; help: string; type: 'counter' | 'gauge'; series: { labels: Labels; value: number }[] }
  | {
      name: string
      help: string
      type: 'histogram'
      /** Upper bounds, ascending. */
      bounds: number[]
      /** `counts` has one more than `bounds`: what is above the last of them. */
      series: { labels: Labels; counts: number[]; sum: number }[]
    }

/** The metrics of a process. Recording only changes memory. */
export type Metrics = {
  counter(name: string, help: string): Counter
  gauge(name: string, help: string): Gauge
  histogram(name: string, help: string, bounds: number[]): Histogram
  read(): Family[]
}

export function createMetrics(): Metrics {
  const families: (() => Family)[] = []

  return {
    counter(name, help) {
      const series = createSeries(() => ({ value: 0 }))
      families.push(() => ({ name, help, type: 'counter', series: series.all() }))
      return { add: (labels, by = 1) => void (series.at(labels).value += by) }
    },

    gauge(name, help) {
      const series = createSeries(() => ({ value: 0 }))
      families.push(() => ({ name, help, type: 'gauge', series: series.all() }))
      return { set: (labels, value) => void (series.at(labels).value = value) }
    },

    histogram(name, help, bounds) {
      const series = createSeries(() => ({ counts: Array<number>(bounds.length + 1).fill(0), sum: 0 }))
      families.push(() => ({ name, help, type: 'histogram', bounds, series: series.all() }))
      return {
        observe(labels, value) {
          const one = series.at(labels)
          const found = bounds.findIndex((bound) => value <= bound)
          const index = found < 0 ? bounds.length : found
          one.counts[index] = (one.counts[index] ?? 0) + 1
          one.sum += value
        },
      }
    },

    read: () => families.map((family) => family()),
  }
}

function createSeries<T extends object>(make: () => T) {
  const byLabels = new Map<string, T & { labels: Labels }>()
  return {
    at(labels: Labels): T {
      const key = Object.values(labels).join('\0')
      let one = byLabels.get(key)
      if (!one) byLabels.set(key, (one = { labels, ...make() }))
      return one
    },
    all: () => [...byLabels.values()],
  }
}
