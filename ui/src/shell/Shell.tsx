import { Outlet, useMatches } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useState } from 'react'
import { useConnection } from '../api/connection.ts'
import { ConnectionBanner } from './ConnectionBanner.tsx'
import { KeysDialog } from './keys/KeysDialog.tsx'
import { useKeys } from './keys/useKeys.ts'
import { loadPage } from './loadPage.ts'
import { Sidebar } from './Sidebar.tsx'
import { SignOutProvider } from './SignOutProvider.tsx'
import { TopBar } from './TopBar.tsx'
import { useFocusOnNavigation } from './useFocusOnNavigation.ts'
import classes from './Shell.module.css'

const CommandPalette = lazy(
  loadPage(async () => ({ default: (await import('./palette/CommandPalette.tsx')).CommandPalette })),
)

/** The frame around every page once the user is signed in. */
export function Shell() {
  const main = useFocusOnNavigation()
  const [open, setOpen] = useState<'palette' | 'keys'>()
  const openPalette = useCallback(() => setOpen('palette'), [])
  const openKeys = useCallback(() => setOpen('keys'), [])
  const close = useCallback(() => setOpen(undefined), [])
  useKeys({ openPalette, openKeys })
  const { state } = useConnection()
  const width = useMatches({
    select: (matches) => matches.findLast(({ staticData }) => staticData.width)?.staticData.width ?? 'page',
  })

  return (
    <SignOutProvider>
      <div className={classes.frame}>
        <a className={classes.skip} href="#main" onClick={(event) => skip(event, main.current)}>
          Skip to content
        </a>
        <aside className={classes.side} aria-label="Sidebar">
          <Sidebar onSearch={openPalette} onKeys={openKeys} />
        </aside>
        <div className={classes.column}>
          <TopBar onSearch={openPalette} onKeys={openKeys} />
          <ConnectionBanner />
          <main
            id="main"
            ref={main}
            tabIndex={-1}
            className={classes.main}
            data-width={width}
            data-old={state === 'live' ? undefined : true}
          >
            <Outlet />
          </main>
        </div>
        {open === 'palette' && (
          <Suspense>
            <CommandPalette onClose={close} onKeys={openKeys} />
          </Suspense>
        )}
        <KeysDialog opened={open === 'keys'} onClose={close} />
      </div>
    </SignOutProvider>
  )
}

/** The URL stays the same: the router would treat a fragment as a location. */
function skip(event: React.MouseEvent, main: HTMLElement | null): void {
  event.preventDefault()
  main?.focus()
}
