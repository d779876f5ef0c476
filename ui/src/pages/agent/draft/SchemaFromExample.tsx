import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../../api/client.ts'
import type { InferredSchema } from '../../../api/types.ts'
import { JsonEditor } from '../../../components/editor/JsonEditor.tsx'
import { Problem } from '../../../components/Notice.tsx'
import { parseJson, prettyJson } from '../../../lib/json.ts'
import classes from './OutputExample.module.css'

/** Makes a schema of an answer that somebody pastes. */
export function SchemaFromExample({
  replaces,
  onSchema,
}: {
  /** There is a schema already. */
  replaces: boolean
  onSchema: (schema: string) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const [text, setText] = useState('')
  const parsed = parseJson(text)
  const infer = useMutation({
    mutationFn: (example: unknown) =>
      call<InferredSchema>('POST', 'api/schemas/infer', { body: { examples: [example] } }),
    onSuccess: ({ schema }) => {
      onSchema(prettyJson(schema))
      setOpen(false)
    },
  })

  if (!isOpen) {
    return (
      <div>
        <Button variant="default" size="compact-sm" onClick={() => setOpen(true)}>
          Start from an example
        </Button>
      </div>
    )
  }
  return (
    <div className={classes.example}>
      <JsonEditor
        label="Example answer"
        description="The schema gets its fields and their types. All of them are required, and no others are allowed."
        placeholder={'{ "label": "bug", "urgent": true }'}
        minRows={4}
        maxRows={16}
        value={text}
        onChange={setText}
      />
      <div className={classes.actions}>
        <Button
          loading={infer.isPending}
          disabled={!parsed.ok}
          onClick={() => parsed.ok && infer.mutate(parsed.value)}
        >
          {replaces ? 'Replace schema' : 'Create schema'}
        </Button>
        <Button variant="default" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
      {infer.isError && <Problem error={infer.error} />}
    </div>
  )
}
