import { call } from '../../api/client.ts'
import { RotateDialog, type Grace } from '../../components/RotateDialog.tsx'
import { exactly } from '../../lib/time.ts'

const GRACES: readonly [Grace, ...Grace[]] = [
  { seconds: 0, label: 'Immediately', about: 'Use this if the URL leaked' },
  { seconds: 3_600, label: 'In an hour', about: 'All callers can be updated now' },
  { seconds: 86_400, label: 'In a day', about: 'Callers are updated one by one' },
  { seconds: 604_800, label: 'In a week', about: 'Other teams update the callers' },
]

/** Creates a new URL, after asking when the old one expires. `onRotated` gets a sentence about the old one. */
export function RotateUrl({
  opened,
  path,
  onClose,
  onRotated,
}: {
  opened: boolean
  /** Of the webhook in the API. */
  path: string
  onClose: () => void
  onRotated: (says: string) => Promise<void>
}) {
  return (
    <RotateDialog
      opened={opened}
      title="Rotate URL?"
      label="Old URL expires"
      graces={GRACES}
      rotate={async (grace) => {
        await call('POST', `${path}/rotate`, { body: { grace_seconds: grace } })
        await onRotated(outcomeOf(grace))
      }}
      onClose={onClose}
    />
  )
}

function outcomeOf(grace: number): string {
  if (grace === 0) return 'The old URL no longer works. Update your callers with the new URL.'
  const end = exactly(new Date(Date.now() + grace * 1000))
  return `The old URL works until ${end}. Update your callers with the new URL.`
}
