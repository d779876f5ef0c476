import {
  ActionIcon,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core'
import { Icon } from '../components/Icon.tsx'

export function otherScheme(now: 'light' | 'dark'): 'light' | 'dark' {
  return now === 'dark' ? 'light' : 'dark'
}

/** Switching to the system's own scheme follows the system again. */
export function switchScheme(to: 'light' | 'dark', set: (scheme: MantineColorScheme) => void): void {
  const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  set(to === system ? 'auto' : to)
}

/** Switches between light and dark. */
export function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme()
  const other = otherScheme(useComputedColorScheme('light', { getInitialValueInEffect: false }))
  const label = `Switch to ${other}`
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => switchScheme(other, setColorScheme)}
      >
        <Icon name={other === 'dark' ? 'moon' : 'sun'} />
      </ActionIcon>
    </Tooltip>
  )
}
