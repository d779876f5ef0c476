import type { ReactNode } from 'react'
import classes from './Facts.module.css'

/** Names and their values. `className` changes the layout. */
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
