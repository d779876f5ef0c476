import type { ReactNode } from 'react'
import { Mark } from '../../components/Mark.tsx'
import { SchemeSwitch } from '../../shell/SchemeSwitch.tsx'
import classes from './Door.module.css'

/** A page for people who are not signed in: one card in the middle. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Mark size={30} />
          <SchemeSwitch />
        </div>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  )
}
