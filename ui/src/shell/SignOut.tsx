import { ActionIcon, Tooltip } from '@mantine/core'
import { Icon } from '../components/Icon.tsx'
import { useSignOut } from './useSignOut.ts'

export function SignOut() {
  const { signOut, isPending } = useSignOut()
  return (
    <Tooltip label="Sign out">
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Sign out"
        loading={isPending}
        onClick={signOut}
      >
        <Icon name="out" />
      </ActionIcon>
    </Tooltip>
  )
}
