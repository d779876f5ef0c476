import type { ReactNode } from 'react'
import classes from './Figures.module.css'

export type Figure = { name: string; value: ReactNode; more?: ReactNode; isBad?: boolean }

/** Key figures, side by side. */
export function Figures({ figures }: { figures: Figure[] }) {
  return (
    <dl className={classes.figures}>
      {figures.map(({ name, value, more, isBad = false }) => (
        <div key={name} className={classes.figure} data-bad={isBad || undefined}>
          <dt>{name}</dt>
          <dd className={classes.value}>{value}</dd>
          {more !== undefined && <dd className={classes.more}>{more}</dd>}
        </div>
      ))}
    </dl>
  )
}
