import { Radio } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ConfirmDialog } from './ConfirmDialog.tsx'
import classes from './RotateDialog.module.css'

export type Grace = { seconds: number; label: string; about: string }

/**
 * Replaces a secret or a URL, after asking how long the old one keeps working. The first of `graces` is preselected.
 */
export function RotateDialog({
  opened,
  title,
  label,
  graces,
  rotate,
  onClose,
}: {
  opened: boolean
  title: string
  /** The label of the choice of `graces`. */
  label: string
  graces: readonly [Grace, ...Grace[]]
  rotate: (graceSeconds: number) => Promise<void>
  onClose: () => void
}) {
  const [seconds, setSeconds] = useState(String(graces[0].seconds))
  const rotation = useMutation({ mutationFn: () => rotate(Number(seconds)) })
  return (
    <ConfirmDialog
      opened={opened}
      title={title}
      confirm="Rotate"
      busy={rotation.isPending}
      error={rotation.error}
      onConfirm={() => rotation.mutate()}
      onClose={onClose}
    >
      <Radio.Group label={label} value={seconds} onChange={setSeconds}>
        <div className={classes.choices}>
          {graces.map(({ seconds: each, label: name, about }) => (
            <Radio key={each} value={String(each)} label={name} description={about} />
          ))}
        </div>
      </Radio.Group>
    </ConfirmDialog>
  )
}
