import { useBlocker } from '@tanstack/react-router'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'

/**
 * Asks before a page is left whose form holds what nobody has saved.
 *
 * @param isKept the changes are kept in this browser, and offered when the form is opened again
 */
export function LeaveGuard({ dirty, isKept = false }: { dirty: boolean; isKept?: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    // What is kept is not lost by closing the tab.
    enableBeforeUnload: dirty && !isKept,
    withResolver: true,
  })
  return (
    <ConfirmDialog
      opened={blocker.status === 'blocked'}
      title="Leave without saving?"
      confirm="Leave"
      cancel="Stay"
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    >
      {isKept
        ? 'Your unsaved changes stay in this browser: you can restore them when you come back.'
        : 'Your unsaved changes will be lost.'}
    </ConfirmDialog>
  )
}
