import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { stepQuery } from '../../api/queries.ts'
import type { Step, StepDetail } from '../../api/types.ts'
import { Json } from '../../components/Code.tsx'
import { Problem } from '../../components/Notice.tsx'
import classes from './StepContent.module.css'

/**
 * What went into a call and what came out: a model's words as words, all else as JSON. The list of steps has an
 * excerpt of it; the rest is read when somebody asks for it.
 */
export function StepContent({ taskId, step }: { taskId: string; step: Step }) {
  const [isWhole, setWhole] = useState(false)
  const { data, error, isFetching } = useQuery({ ...stepQuery(taskId, step), enabled: isWhole })
  const { input, output } = data ?? step
  const said = step.kind === 'model' ? saidBy(output) : []
  const hasMore = step.kind === 'model' || isTruncated(step.input) || isTruncated(step.output)
  return (
    <div className={classes.content}>
      <p className={classes.label}>Input</p>
      <Json label="Input" value={input} />
      {data && <SourceNote source={data.input_source} />}
      {error && <Problem error={error} />}
      {hasMore && !data && (
        <Button
          className={classes.more}
          size="compact-xs"
          variant="default"
          loading={isFetching}
          onClick={() => setWhole(true)}
        >
          {step.kind === 'model' ? 'Show full input' : 'Show in full'}
        </Button>
      )}
      <p className={classes.label}>Output</p>
      {said.map(({ type, text }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of one answer, never moved
        <p key={index} className={classes.said} data-type={type}>
          {text}
        </p>
      ))}
      {said.length === 0 ? (
        <Json label="Output" value={output} />
      ) : (
        <details>
          <summary>View JSON</summary>
          <Json label="Output" value={output} />
        </details>
      )}
    </div>
  )
}

/** Says when the input is not certainly what was sent. */
function SourceNote({ source }: { source: StepDetail['input_source'] }) {
  if (source === 'replayed' || source === 'recorded') return null
  return (
    <p className={classes.label}>
      {source === 'changed'
        ? 'Bellwire was updated since this call: what was sent may have differed in details.'
        : 'The full input cannot be reconstructed. This is the summary in the journal.'}
    </p>
  )
}

function isTruncated(value: unknown): boolean {
  return member(value, 'truncated') === true
}

type Said = { type: 'text' | 'thought' | 'call'; text: string }

/** The parts of a model's answer that a person reads; none when it has another form than expected. */
function saidBy(output: unknown): Said[] {
  const content = member(output, 'content')
  if (!Array.isArray(content)) return []
  return content.flatMap((part): Said[] => {
    const type = member(part, 'type')
    const text = member(part, 'text')
    if (type === 'tool-call') {
      const input = member(part, 'input')
      const shown = typeof input === 'string' ? input : JSON.stringify(input)
      return [{ type: 'call', text: `${String(member(part, 'toolName'))} ${shown}` }]
    }
    if (typeof text !== 'string' || text === '') return []
    return [{ type: type === 'reasoning' ? 'thought' : 'text', text }]
  })
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
