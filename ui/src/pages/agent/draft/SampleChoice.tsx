import { NativeSelect } from '@mantine/core'
import { JsonEditor } from '../../../components/editor/JsonEditor.tsx'
import { ago } from '../../../lib/time.ts'
import { useNow } from '../../../lib/useNow.ts'
import type { Sample } from './sampleContext.ts'

const OWN = 'own'
/** Characters of a title that fit into the list. */
const TITLE = 70

/** Chooses a past request, or takes a payload that is pasted. */
export function SampleChoice({ sample, label }: { sample: Sample; label: string }) {
  const now = useNow()
  const { requests = [], taskId, text } = sample
  return (
    <>
      {requests.length > 0 && (
        <NativeSelect
          label={label}
          value={taskId ?? OWN}
          data={[
            ...requests.map(({ id, title, created_at: at }) => ({
              value: id,
              label: `${title.length > TITLE ? `${title.slice(0, TITLE)}…` : title} · ${ago(new Date(at), now)}`,
            })),
            { value: OWN, label: 'Another payload…' },
          ]}
          onChange={(event) => {
            const { value } = event.currentTarget
            sample.choose(value === OWN ? undefined : value)
          }}
        />
      )}
      {taskId === undefined && (
        <JsonEditor
          label="Sample payload"
          description="JSON, as a caller would send it."
          minRows={3}
          maxRows={14}
          value={text}
          onChange={sample.setText}
        />
      )}
    </>
  )
}
