import { Skeleton } from '@mantine/core'
import { useId, type ReactNode } from 'react'
import type { Preview } from '../../../api/types.ts'
import { ApiError } from '../../../api/apiError.ts'
import { Code } from '../../../components/Code.tsx'
import { focusPlace } from '../../../components/editor/focusPlace.ts'
import { labelOf } from '../agentForm.ts'
import classes from './PromptPreview.module.css'
import { SampleChoice } from './SampleChoice.tsx'
import { useSample } from './sampleContext.ts'
import type { PreviewState } from './usePreview.ts'

/** What the model would be sent for a request, rendered by the server while one types. */
export function PromptPreview({ state }: { state: PreviewState }) {
  const sample = useSample()
  const id = useId()
  if (!sample) return null
  const { preview, lastGood, isStale, error } = state
  return (
    <section className={classes.preview} aria-labelledby={id} aria-busy={isStale}>
      <header className={classes.head}>
        <h3 id={id}>Preview</h3>
        <span role="status" className={classes.says}>
          {statusOf(state, sample.source !== undefined)}
        </span>
      </header>
      <SampleChoice sample={sample} label="Preview with" />
      {preview && <Findings preview={preview} />}
      {preview || lastGood.system !== null || lastGood.message !== null ? (
        <div className={classes.texts} data-stale={isStale || error !== undefined || undefined}>
          <Text title="System prompt" isCut={preview?.truncated.includes('system')}>
            {lastGood.system}
          </Text>
          <Text title="User message" isCut={preview?.truncated.includes('message')}>
            {lastGood.message}
          </Text>
        </div>
      ) : (
        error === undefined && sample.source !== undefined && <Skeleton height="6rem" />
      )}
    </section>
  )
}

function statusOf({ preview, isStale, error }: PreviewState, hasSource: boolean): string {
  if (!hasSource) return 'Waiting for a payload'
  if (isStale) return 'Updating…'
  if (error instanceof ApiError && error.isPassing) return 'Not updated: Bellwire is not responding'
  if (error !== undefined)
    return `Not updated: ${error instanceof Error ? error.message : 'unexpected error'}`
  if (!preview) return ''
  if (preview.faults.length > 0) return 'Cannot be rendered as written'
  return preview.warnings.length > 0 ? 'Rendered, with warnings' : 'Up to date'
}

/** Faults first: each leads to its place in the template. */
function Findings({ preview: { faults, warnings } }: { preview: Preview }) {
  const all = [
    ...faults.map((one) => ({ ...one, tone: 'bad' as const })),
    ...warnings.map((one) => ({ ...one, tone: 'wait' as const })),
  ]
  if (all.length === 0) return null
  return (
    <ul className={classes.findings}>
      {all.map(({ template, detail, line, column, tone }) => (
        <li key={`${template} ${line} ${column} ${detail}`} data-tone={tone}>
          {line === null || column === null ? (
            <strong>{labelOf(template)}</strong>
          ) : (
            <button type="button" onClick={() => focusPlace(template, { line, column })}>
              {labelOf(template)}, line {line}
            </button>
          )}
          {': '}
          {detail}
        </li>
      ))}
    </ul>
  )
}

function Text({
  title,
  isCut,
  children,
}: {
  title: string
  isCut: boolean | undefined
  children: string | null
}): ReactNode {
  return (
    <div className={classes.text}>
      <h4>{title}</h4>
      {children === null || children === '' ? (
        <p className={classes.none}>{title === 'System prompt' ? 'None.' : 'Not rendered yet.'}</p>
      ) : (
        <Code label={title} text={children} />
      )}
      {isCut === true && <p className={classes.none}>Only the first 100,000 characters are shown.</p>}
    </div>
  )
}
