import { Skeleton } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Suspense } from 'react'
import { PageHeader } from '../../components/PageHeader.tsx'
import { useTitle } from '../../lib/useTitle.ts'
import { Missing } from '../../shell/Broken.tsx'
import classes from './Settings.module.css'
import { SETTINGS_PAGES } from './settingsPages.ts'

const route = getRouteApi('/inside/settings/$page')

const GROUPS = [...new Set(SETTINGS_PAGES.map(({ group }) => group))]

/** What applies to all agents: a list of pages, and the one that is chosen. */
export function Settings() {
  const { page: id } = route.useParams()
  const page = SETTINGS_PAGES.find((one) => one.id === id)
  useTitle(page ? `${page.name} · Settings` : 'Settings')
  if (!page) return <Missing />
  const { Page } = page
  return (
    <>
      <PageHeader title="Settings" under="For all agents of this instance." />
      <div className={classes.frame}>
        <nav className={classes.pages} aria-label="Settings">
          {GROUPS.map((group) => (
            <div key={group} className={classes.group}>
              <p>{group}</p>
              <ul>
                {SETTINGS_PAGES.filter((one) => one.group === group).map((one) => (
                  <li key={one.id}>
                    <Link to="/settings/$page" params={{ page: one.id }}>
                      {one.name}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </nav>
        <div className={classes.page}>
          <Suspense fallback={<Skeleton height="12rem" />}>
            <Page key={page.id} />
          </Suspense>
        </div>
      </div>
    </>
  )
}
