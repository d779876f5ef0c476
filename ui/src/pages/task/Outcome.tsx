import { useState, type ReactNode } from 'react'
import { hasEnded } from '../../api/queries.ts'
import type { RunResult, TaskDetail } from '../../api/types.ts'
import type { Writing } from '../../api/useTaskEvents.ts'
import { Json } from '../../components/Code.tsx'
import { CopyIcon } from '../../components/CopyButton.tsx'
import { Notice } from '../../components/Notice.tsx'
import { parseJson } from '../../lib/json.ts'
import { hintOfError, titleOfError } from '../tasks/errorTitles.ts'
import { FormattedText } from './FormattedText.tsx'
import classes from './Outcome.module.css'

/**
 * A task's result, its output so far, or why it has none.
 *
 * @param actions what can be done about an error
 */
export function Outcome({
  task,
  writing,
  actions,
}: {
  task: TaskDetail
  writing: Writing
  actions?: ReactNode
}) {
  const { result, error } = task
  if (result) {
    return (
      <div className={classes.outcome}>
        {result.thought !== '' && <Thought text={result.thought} />}
        {result.answer !== '' && !isOutput(result) && <Answer text={result.answer} />}
        {result.output !== undefined && <Json label="Output" value={result.output} />}
        {result.sources.length > 0 && <Json label="Sources" value={result.sources} />}
      </div>
    )
  }
  if (error && hasEnded(task.state)) {
    const notice = (
      <Notice tone={task.state === 'CANCELLED' ? 'plain' : 'bad'} title={titleOfError(error.code)}>
        {error.message !== `${titleOfError(error.code)}.` && <p>{error.message}</p>}
        {!error.message.includes(hintOfError(error.code)) && <p>{hintOfError(error.code)}</p>}
        <p className={classes.code}>{error.code}</p>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </Notice>
    )
    const { partial } = task
    if (!partial || (partial.answer === '' && partial.tool_calls.length === 0)) return notice
    return (
      <div className={classes.outcome}>
        {notice}
        <details className={classes.partial} open={partial.answer !== ''}>
          <summary>Partial result</summary>
          {partial.answer !== '' && <Answer text={partial.answer} />}
          {partial.tool_calls.length > 0 && <Json label="Tool calls" value={partial.tool_calls} />}
        </details>
      </div>
    )
  }
  if (writing.answer === '' && writing.thought === '') return null
  return (
    <div className={classes.outcome}>
      {writing.thought !== '' && <Thought text={writing.thought} open={writing.answer === ''} />}
      {writing.answer !== '' && (
        <Text>
          {writing.answer}
          {task.state === 'STARTED' && <span className={classes.cursor} aria-hidden="true" />}
        </Text>
      )}
    </div>
  )
}

/** With an output schema, the answer repeats the output as text. */
function isOutput({ answer, output }: RunResult): boolean {
  if (output === undefined) return false
  const parsed = parseJson(answer)
  return parsed.ok && JSON.stringify(parsed.value) === JSON.stringify(output)
}

function Text({ children }: { children: React.ReactNode }) {
  return (
    <div className={classes.text} data-testid="answer">
      {children}
    </div>
  )
}

/** The answer as Markdown, or as it was written. */
function Answer({ text }: { text: string }) {
  const [raw, setRaw] = useState(false)
  return (
    <div className={classes.answer}>
      <div className={classes.tools}>
        <button type="button" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          {raw ? 'Show formatted' : 'Show as text'}
        </button>
        <CopyIcon text={text} what="answer" />
      </div>
      {raw ? <Text>{text}</Text> : <FormattedText text={text} plain={<Text>{text}</Text>} />}
    </div>
  )
}

function Thought({ text, open = false }: { text: string; open?: boolean }) {
  return (
    <details className={classes.thought} open={open}>
      <summary>Reasoning</summary>
      <div>{text}</div>
    </details>
  )
}
