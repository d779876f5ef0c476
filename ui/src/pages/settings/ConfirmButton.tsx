import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'

/** The button of a list item that deletes it, or does something else that cannot be undone, after a confirmation. */
export function ConfirmButton({
  action,
  name,
  children,
  run,
  onDone,
  onFailed,
}: {
  /** The label of the button, such as "Delete". */
  action: string
  /** Of the item. */
  name: string
  /** What will happen. */
  children: ReactNode
  run: () => Promise<unknown>
  /** Refetches what `run` has changed, after the dialog has closed. */
  onDone: () => Promise<unknown>
  onFailed?: () => Promise<unknown>
}) {
  const [asking, setAsking] = useState(false)
  const mutation = useMutation({
    mutationFn: run,
    onSuccess: async () => {
      setAsking(false)
      await onDone()
    },
    onError: () => onFailed?.(),
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`${action} ${name}`}
        onClick={() => {
          mutation.reset()
          setAsking(true)
        }}
      >
        {action}
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`${action} ${name}?`}
        confirm={action}
        danger
        busy={mutation.isPending}
        error={mutation.error}
        onConfirm={() => mutation.mutate()}
        onClose={() => setAsking(false)}
      >
        {children}
      </ConfirmDialog>
    </>
  )
}
