import { call } from '../../api/client.ts'
import type { Callback } from '../../api/types.ts'
import { RotateDialog, type Grace } from '../../components/RotateDialog.tsx'

const GRACES: readonly [Grace, ...Grace[]] = [
  { seconds: 86_400, label: 'For a day', about: 'Deliveries carry both signatures meanwhile' },
  { seconds: 604_800, label: 'For a week', about: 'Other teams update the receivers' },
  { seconds: 0, label: 'No longer', about: 'Use this if the secret leaked' },
]

/** Creates a new signing secret, after asking how long the old one signs as well. */
export function RotateCallback({
  opened,
  path,
  onClose,
  onRotated,
}: {
  opened: boolean
  /** Of the callback in the API. */
  path: string
  onClose: () => void
  onRotated: (callback: Callback) => Promise<void>
}) {
  return (
    <RotateDialog
      opened={opened}
      title="Rotate signing secret?"
      label="The old secret also signs"
      graces={GRACES}
      rotate={async (grace) =>
        onRotated(await call<Callback>('POST', `${path}/rotate`, { body: { grace_seconds: grace } }))
      }
      onClose={onClose}
    />
  )
}
