import { Button, FileButton } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { fieldErrors } from '../../api/fieldErrors.ts'
import { Notice, Problem } from '../../components/Notice.tsx'

/** Chooses the file of an export. */
export function ImportAgent({
  run,
}: {
  run: Pick<UseMutationResult<unknown, Error, File>, 'mutate' | 'isPending'>
}) {
  return (
    <FileButton accept=".yaml,.yml,.json" onChange={(file) => file && run.mutate(file)}>
      {(props) => (
        <Button variant="default" loading={run.isPending} {...props}>
          Import file
        </Button>
      )}
    </FileButton>
  )
}

/** Why a file was not imported: each thing that is wrong in it. */
export function ImportProblem({ error }: { error: unknown }) {
  const { rest } = fieldErrors(error, [])
  if (rest.length === 0) return <Problem error={error} />
  return (
    <Notice tone="bad" title="The file was not imported">
      <ul>
        {rest.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Notice>
  )
}
