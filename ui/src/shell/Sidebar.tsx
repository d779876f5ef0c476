import { ActionIcon, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Icon } from '../components/Icon.tsx'
import { Mark } from '../components/Mark.tsx'
import { ConnectionBadge } from './ConnectionBadge.tsx'
import { Key } from './keys/Key.tsx'
import { PLACES } from './places.ts'
import { SchemeSwitch } from './SchemeSwitch.tsx'
import { SignOut } from './SignOut.tsx'
import { WaitingLink } from './WaitingLink.tsx'
import classes from './Sidebar.module.css'
import { SignedInAs } from './SignedInAs.tsx'

const COMMAND = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'

/** The main pages, the search, and controls of the console itself. */
export function Sidebar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  return (
    <div className={classes.sidebar}>
      <Link to="/" className={classes.brand} aria-label="Bellwire: home">
        <Mark />
        <span className={classes.name}>Bellwire</span>
      </Link>
      <button type="button" className={classes.search} onClick={onSearch}>
        <Icon name="search" />
        <span>Search or go to…</span>
        <Key>{COMMAND}</Key>
        <Key>K</Key>
      </button>
      <nav className={classes.nav} aria-label="Main">
        {PLACES.map(({ name, to, icon }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            className={classes.place}
          >
            <Icon name={icon} />
            <span>{name}</span>
          </Link>
        ))}
        <WaitingLink />
      </nav>
      <div className={classes.foot}>
        <SignedInAs />
        <ConnectionBadge />
        <div className={classes.tools}>
          <Tooltip label="Keyboard shortcuts">
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label="Keyboard shortcuts"
              onClick={onKeys}
            >
              <Icon name="keyboard" />
            </ActionIcon>
          </Tooltip>
          <SchemeSwitch />
          <SignOut />
        </div>
      </div>
    </div>
  )
}
