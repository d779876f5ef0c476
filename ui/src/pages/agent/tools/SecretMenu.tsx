import { ActionIcon, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Icon } from '../../../components/Icon.tsx'
import { here } from '../../../lib/base.ts'
import { secretNamesQuery } from './secretNamesQuery.ts'
import classes from './Tools.module.css'

/** A button that lists the secrets there are, and puts a reference to the chosen one into a template. */
export function SecretMenu({ into, onPick }: { into: string; onPick: (reference: string) => void }) {
  const { data: names, isError } = useQuery(secretNamesQuery)
  return (
    <Menu position="bottom-end" shadow="md" returnFocus={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Insert a secret into ${into}`}>
          <Icon name="key" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        <Menu.Label>
          {isError
            ? 'Secrets cannot be loaded'
            : names === undefined
              ? 'Loading secrets…'
              : names.length === 0
                ? 'No secrets yet'
                : 'Insert a secret'}
        </Menu.Label>
        {names?.map((name) => (
          <Menu.Item key={name} className={classes.mono} onClick={() => onPick(`{{ secrets.${name} }}`)}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          component="a"
          href={here('settings/secrets').href}
          target="_blank"
          leftSection={<Icon name="plus" />}
        >
          Set a secret in Settings
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
