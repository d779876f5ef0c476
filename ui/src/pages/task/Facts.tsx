import type { ReactNode } from 'react'
import classes from './Facts.module.css'

/** Names and what belongs to them. `className` lays them out in another way. */
export function Facts({
  facts,
  className = classes.facts,
}: {
  facts: [name: string, value: ReactNode][]
  className?: string | undefined
}) {
  return (
    <dl className={className}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
