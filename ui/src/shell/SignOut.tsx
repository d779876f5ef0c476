import { ActionIcon, Tooltip } from '@mantine/core'
import { Icon } from '../components/Icon.tsx'
import { useSignOut } from './useSignOut.ts'

export function SignOut() {
  const signOut = useSignOut()
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
