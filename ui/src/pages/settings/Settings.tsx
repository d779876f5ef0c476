import { PageHeader } from '../../components/PageHeader.tsx'
import { useTitle } from '../../lib/useTitle.ts'
import { ApiKeys } from './ApiKeys.tsx'
import { Health } from './Health.tsx'
import { Prices } from './Prices.tsx'
import { Secrets } from './Secrets.tsx'
import classes from './Settings.module.css'

/** What applies to all agents: secrets, API keys and prices; and how the instance is doing. */
export function Settings() {
  useTitle('Settings')
  return (
    <>
      <PageHeader title="Settings" under="Secrets, API keys and model prices of this instance." />
      <div className={classes.sections}>
        <Secrets />
        <ApiKeys />
        <Prices />
        <Health />
      </div>
    </>
  )
}
