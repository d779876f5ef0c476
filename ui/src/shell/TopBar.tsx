import { ActionIcon, Drawer } from '@mantine/core'
import { Link, useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Icon } from '../components/Icon.tsx'
import { Mark } from '../components/Mark.tsx'
import { ConnectionBadge } from './ConnectionBadge.tsx'
import { Sidebar } from './Sidebar.tsx'
import classes from './TopBar.module.css'

/** Replaces the sidebar on narrow screens: a bar with a button that opens it. */
export function TopBar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  const [opened, setOpened] = useState(false)
  const path = useRouterState({ select: ({ location }) => location.href })
  useEffect(() => setOpened(false), [path])
  const close = (): void => setOpened(false)
  const instead = (act: () => void) => () => {
    close()
    act()
  }

  return (
    <header className={classes.bar}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="xl"
        aria-label="Menu"
        aria-expanded={opened}
        onClick={() => setOpened(true)}
      >
        <Icon name="menu" size={20} />
      </ActionIcon>
      <Link to="/" className={classes.brand} aria-label="Bellwire: home">
        <Mark />
        <span>Bellwire</span>
      </Link>
      <span className={classes.state}>
        <ConnectionBadge />
      </span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="xl"
        aria-label="Go to page, agent or task"
        onClick={onSearch}
      >
        <Icon name="search" size={20} />
      </ActionIcon>
      <Drawer.Root opened={opened} onClose={close} size="17rem">
        <Drawer.Overlay backgroundOpacity={0.45} />
        <Drawer.Content aria-label="Menu" className={classes.drawer}>
          <Sidebar onSearch={instead(onSearch)} onKeys={instead(onKeys)} />
        </Drawer.Content>
      </Drawer.Root>
    </header>
  )
}
