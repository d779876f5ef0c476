import { ActionIcon, Tooltip } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { call } from '../api/client.ts'
import { Icon } from '../components/Icon.tsx'
import { Mark } from '../components/Mark.tsx'
import { useFocusOnNavigation } from './useFocusOnNavigation.ts'
import { SchemeSwitch } from './SchemeSwitch.tsx'
import { WaitingLink } from './WaitingLink.tsx'
import classes from './Shell.module.css'

/** What stands around every page once somebody is signed in. */
export function Shell() {
  const main = useFocusOnNavigation()
  return (
    <>
      <a className={classes.skip} href="#main" onClick={(event) => skip(event, main.current)}>
        Skip to content
      </a>
      <header className={classes.bar}>
        <div className={classes.inner}>
          <Link to="/agents" className={classes.brand} aria-label="Bellwire: all agents">
            <Mark />
            <span className={classes.name}>Bellwire</span>
          </Link>
          <nav className={classes.nav} aria-label="Main">
            <Link to="/agents" className={classes.place}>
              Agents
            </Link>
            <Link to="/tasks" className={classes.place}>
              Tasks
            </Link>
            <Link to="/rejections" className={classes.place}>
              Rejections
            </Link>
            <WaitingLink />
          </nav>
          <div className={classes.tools}>
            <SchemeSwitch />
            <SignOut />
          </div>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
    </>
  )
}

function SignOut() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const signOut = useMutation({
    mutationFn: () => call('DELETE', 'api/session'),
    onSettled: async () => {
      await navigate({ to: '/sign-in' })
      client.clear()
    },
  })
  return (
    <Tooltip label="Sign out">
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Sign out"
        loading={signOut.isPending}
        onClick={() => signOut.mutate()}
      >
        <Icon name="out" />
      </ActionIcon>
    </Tooltip>
  )
}

/** The address stays: a fragment would be a place of the router. */
function skip(event: React.MouseEvent, main: HTMLElement | null): void {
  event.preventDefault()
  main?.focus()
}
