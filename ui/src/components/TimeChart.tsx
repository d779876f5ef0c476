import { useId, useState } from 'react'
import classes from './TimeChart.module.css'

/** One bar: its label, its value, and how much of that is marked as bad. */
export type TimeBar = { from: string; label: string; value: number; bad: number }

const HEIGHT = 100
/** The gap to the next bar, as a share of a bar's width. */
const GAP = 0.22

/**
 * Bars over time, with the bad part in another colour. Exact numbers are shown on hover, and in a table for anyone who
 * cannot see the bars.
 */
export function TimeChart({
  title,
  bars,
  names,
  format = (value) => value.toLocaleString('en-GB'),
}: {
  title: string
  bars: TimeBar[]
  /** The names of the value and of its bad part. */
  names: { value: string; bad?: string }
  format?: (value: number) => string
}) {
  const id = useId()
  const [at, setAt] = useState<number>()
  const most = Math.max(1e-9, ...bars.map(({ value }) => value))
  const shown = at === undefined ? undefined : bars[at]
  const scale = (value: number): number => (value / most) * HEIGHT
  const says = ({ value, bad }: TimeBar): string =>
    names.bad === undefined
      ? `${format(value)} ${names.value}`
      : `${format(value)} ${names.value}, ${format(bad)} ${names.bad}`

  return (
    <figure className={classes.figure} aria-labelledby={id}>
      <figcaption className={classes.caption}>
        <span id={id}>{title}</span>
        <span className={classes.value} aria-hidden="true">
          {shown ? `${shown.label}: ${says(shown)}` : `Highest: ${format(most < 1e-6 ? 0 : most)}`}
        </span>
      </figcaption>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${bars.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onPointerLeave={() => setAt(undefined)}
      >
        {bars.map((bar, index) => {
          const { value, bad } = bar
          const x = index + GAP / 2
          const width = 1 - GAP
          // Any value above zero must be visible, however small.
          const high = value === 0 ? 0 : Math.max(1.5, scale(value))
          const badHigh = bad === 0 ? 0 : Math.max(1.5, scale(bad))
          return (
            <g key={bar.from} onPointerEnter={() => setAt(index)}>
              <rect x={index} y={0} width={1} height={HEIGHT} className={classes.column} />
              <rect x={x} y={HEIGHT - high} width={width} height={high} className={classes.bar} />
              <rect x={x} y={HEIGHT - badHigh} width={width} height={badHigh} className={classes.bad} />
            </g>
          )
        })}
      </svg>
      <div className={classes.axis} aria-hidden="true">
        {[0, Math.floor(bars.length / 2), bars.length - 1].map((index) => (
          <span key={index}>{bars[index]?.label}</span>
        ))}
      </div>
      <details className={classes.table}>
        <summary>Show as table</summary>
        <div className={classes.scroll} tabIndex={0} role="group" aria-label={`${title}: table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">{names.value}</th>
                {names.bad !== undefined && <th scope="col">{names.bad}</th>}
              </tr>
            </thead>
            <tbody>
              {bars.map((bar) => (
                <tr key={bar.from}>
                  <th scope="row">{bar.label}</th>
                  <td>{format(bar.value)}</td>
                  {names.bad !== undefined && <td>{format(bar.bad)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}
