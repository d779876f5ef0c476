import { ERRORS } from '../../../../src/errors.ts'
import { hasEnded } from '../../api/queries.ts'
import type { RunResult, TaskDetail } from '../../api/types.ts'
import type { Writing } from '../../api/useTaskEvents.ts'
import { Json } from '../../components/Code.tsx'
import { Notice } from '../../components/Notice.tsx'
import { parseJson } from '../../lib/json.ts'
import classes from './Outcome.module.css'

/** What a task gave, or what it is giving just now, or why it gives nothing. */
export function Outcome({ task, writing }: { task: TaskDetail; writing: Writing }) {
  const { result, error } = task
  if (result) {
    return (
      <div className={classes.outcome}>
        {result.thought !== '' && <Thought text={result.thought} />}
        {result.answer !== '' && !isOutput(result) && <Text>{result.answer}</Text>}
        {result.output !== undefined && <Json label="Output" value={result.output} />}
        {result.sources.length > 0 && <Json label="Sources" value={result.sources} />}
      </div>
    )
  }
  if (error && hasEnded(task.state)) {
    const notice = (
      <Notice tone={task.state === 'CANCELLED' ? 'plain' : 'bad'} title={titleOf(error.code)}>
        {error.message !== `${titleOf(error.code)}.` && <p>{error.message}</p>}
        {!error.message.includes(hintOf(error.code)) && <p>{hintOf(error.code)}</p>}
        <p className={classes.code}>{error.code}</p>
      </Notice>
    )
    const { partial } = task
    if (!partial || (partial.answer === '' && partial.tool_calls.length === 0)) return notice
    return (
      <div className={classes.outcome}>
        {notice}
        <details className={classes.partial}>
          <summary>Partial result</summary>
          {partial.answer !== '' && <Text>{partial.answer}</Text>}
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
          <span className={classes.cursor} aria-hidden="true" />
        </Text>
      )}
    </div>
  )
}

/** With an output schema the answer is the same again, as text. */
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

function Thought({ text, open = false }: { text: string; open?: boolean }) {
  return (
    <details className={classes.thought} open={open}>
      <summary>Reasoning</summary>
      <div>{text}</div>
    </details>
  )
}

/** Also errors of a newer version, of which this page knows nothing. */
const KNOWN: Record<string, { title: string; hint: string }> = ERRORS

function titleOf(code: string): string {
  return KNOWN[code]?.title ?? 'The run failed'
}

function hintOf(code: string): string {
  return KNOWN[code]?.hint ?? ''
}
