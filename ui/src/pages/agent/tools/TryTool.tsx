import { Button, Drawer, NativeSelect, Skeleton } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Notice } from '../../../components/Notice.tsx'
import { ArgumentsForm } from '../../approvals/ArgumentsForm.tsx'
import { SourceProblem } from './SourceProblem.tsx'
import { suggestedArguments } from './suggestedArguments.ts'
import { previewTool, tryTool, type ToolPreview } from './toolCalls.ts'
import { TryResult } from './TryResult.tsx'
import classes from './TryTool.module.css'

/** Calls a tool once, as it is in the form: arguments, the call, and what the model would see. */
export function TryTool({ tool, name, onClose }: { tool: unknown; name: string; onClose: () => void }) {
  const { agentId } = useParams({ strict: false })
  const preview = useQuery({
    queryKey: ['tools', 'preview', agentId, tool],
    queryFn: () => previewTool(tool, { agentId }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  })
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="42rem"
      title={`Try ${name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ content: classes.surface, header: classes.surface, title: classes.title }}
    >
      {preview.isPending && <Skeleton height="10rem" />}
      {preview.isError && (
        <Notice tone="bad" title="This tool cannot be called yet">
          <SourceProblem error={preview.error} />
        </Notice>
      )}
      {preview.data && <Functions tool={tool} functions={preview.data.data} agentId={agentId} />}
    </Drawer>
  )
}

type Function = ToolPreview['data'][number]

/** Which of its functions is called, if it has several. */
function Functions({
  tool,
  functions,
  agentId,
}: {
  tool: unknown
  functions: readonly Function[]
  agentId: string | undefined
}) {
  const [name, setName] = useState(functions[0]?.name)
  const one = functions.find((each) => each.name === name)
  return (
    <div className={classes.try}>
      {functions.length > 1 && (
        <NativeSelect
          label="Function"
          data={functions.map((each) => each.name)}
          value={name ?? ''}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      {one && <Call key={one.name} tool={tool} one={one} agentId={agentId} />}
    </div>
  )
}

/** The call of one function: nothing that changes something is called without a second step. */
function Call({ tool, one, agentId }: { tool: unknown; one: Function; agentId: string | undefined }) {
  const [asking, setAsking] = useState<unknown>()
  const isWrite = one.access === 'write'
  const call = useMutation({
    mutationFn: (args: unknown) =>
      tryTool(tool, { agentId, name: one.name, arguments: args, confirm_write: isWrite }),
  })
  const make = (args: unknown): void => {
    setAsking(undefined)
    call.mutate(args)
  }
  return (
    <>
      {one.description !== '' && <p className={classes.about}>{one.description}</p>}
      <ArgumentsForm
        approval={{
          parameters: one.parameters,
          arguments: suggestedArguments(one.parameters),
          question: null,
        }}
        errors={{}}
        busy={call.isPending}
        submit={isWrite ? 'Call …' : 'Call'}
        onSubmit={(args) => (isWrite ? setAsking(args) : make(args))}
      />
      {asking !== undefined && (
        <Notice
          title={`${one.name} changes something`}
          action={
            <div className={classes.actions}>
              <Button variant="default" size="xs" onClick={() => setAsking(undefined)} autoFocus>
                Cancel
              </Button>
              <Button size="xs" onClick={() => make(asking)}>
                Make the call
              </Button>
            </div>
          }
        >
          The call is real: it is made now, with the secrets of this installation.
        </Notice>
      )}
      {call.isError && <SourceProblem error={call.error} />}
      {call.data && !call.isPending && <TryResult tried={call.data} />}
    </>
  )
}
