import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { formatBytes } from '../../../../src/contract/formatBytes.ts'
import { stepQuery } from '../../api/queries.ts'
import type { Step, StepDetail, TaskDetail } from '../../api/types.ts'
import { Code } from '../../components/Code.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { usd } from '../../lib/amounts.ts'
import { here } from '../../lib/base.ts'
import { duration, exactly } from '../../lib/time.ts'
import { Facts } from './Facts.tsx'
import classes from './DetailPane.module.css'
import {
  argumentsOf,
  errorOf,
  member,
  messagesOf,
  outcomeOf,
  resultOf,
  saidBy,
  type SentMessage,
} from './stepParts.ts'
import { ValueView } from './ValueView.tsx'

/** The selected row. */
export type Shown = { kind: 'request' } | { kind: 'prompt'; step: Step } | { kind: 'step'; step: Step }

/** Everything about the selected row. */
export function DetailPane({ task, shown }: { task: TaskDetail; shown: Shown }) {
  if (shown.kind === 'request') return <RequestPane task={task} />
  if (shown.kind === 'prompt') return <PromptPane taskId={task.id} step={shown.step} />
  return <StepPane key={shown.step.key} taskId={task.id} step={shown.step} />
}

function RequestPane({ task }: { task: TaskDetail }) {
  const { method, query, headers, event, attachments } = task.request
  return (
    <section aria-label="Request details">
      <h3 className={classes.title}>Request</h3>
      {task.warnings.length > 0 && <Warnings warnings={task.warnings} />}
      <Payload task={task} />
      <ValueView
        label="Request details"
        value={{
          method,
          ...(event === undefined ? {} : { event }),
          ...(Object.keys(query).length > 0 ? { query } : {}),
          headers,
          ...(attachments === undefined ? {} : { attachments }),
        }}
      />
    </section>
  )
}

function Payload({ task: { id, payload } }: { task: TaskDetail }) {
  const cut = cutPayload(payload)
  if (!cut) return <ValueView label="Payload" value={payload} />
  return (
    <>
      <p className={classes.label}>
        Beginning of a payload of {formatBytes(cut.bytes)}.{' '}
        <a href={here(`api/tasks/${encodeURIComponent(id)}/payload`).href} target="_blank" rel="noreferrer">
          Open the whole payload
        </a>
      </p>
      <Code label="Payload" text={cut.excerpt} />
    </>
  )
}

/** The size and the excerpt that a task has in place of a long payload; undefined if the payload is whole. */
function cutPayload(payload: unknown): { bytes: number; excerpt: string } | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  if (!('truncated' in payload) || !('bytes' in payload) || !('excerpt' in payload)) return undefined
  const { truncated, bytes, excerpt } = payload
  return truncated === true && typeof bytes === 'number' && typeof excerpt === 'string'
    ? { bytes, excerpt }
    : undefined
}

/** Paths in templates that the payload does not have; keys that could not be evaluated. */
function Warnings({ warnings }: Pick<TaskDetail, 'warnings'>) {
  const missing = warnings.flatMap((one) => (one.code === 'payload_path_missing' ? one : []))
  const failed = warnings.flatMap((one) => (one.code === 'payload_path_missing' ? [] : one))
  return (
    <>
      {missing.length > 0 && (
        <Notice title="The payload lacks fields that the templates use">
          <ul className={classes.warnings}>
            {missing.map(({ template, path }) => (
              <li key={`${template} ${path}`}>
                <code>{path}</code> in {template === 'message' ? 'the message' : 'the instructions'}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {failed.map(({ code, detail }) => (
        <Notice
          key={code}
          title={
            code === 'conversation_key_failed'
              ? 'Not part of a conversation: its key could not be evaluated'
              : 'Not coalesced: the key could not be evaluated'
          }
        >
          {detail}
        </Notice>
      ))}
    </>
  )
}

/** The prompt that the run began with. */
function PromptPane({ taskId, step }: { taskId: string; step: Step }) {
  const { data, error } = useQuery(stepQuery(taskId, step))
  const input = data?.input ?? step.input
  const tools = member(input, 'tools')
  return (
    <section aria-label="Prompt">
      <h3 className={classes.title}>Prompt</h3>
      {error && <Problem error={error} />}
      <Messages messages={messagesOf(input)} />
      {Array.isArray(tools) && tools.length > 0 && <ValueView label="Tools" value={tools.map(nameOrTool)} />}
    </section>
  )
}

function nameOrTool(tool: unknown): unknown {
  return typeof tool === 'string' ? { name: tool } : tool
}

function StepPane({ taskId, step }: { taskId: string; step: Step }) {
  const { data, error, isPending } = useQuery({
    ...stepQuery(taskId, step),
    enabled: step.purged_at === null,
  })
  const { input, output } = data ?? step
  const { usage } = step
  const failure = outcomeOf(step) === 'failed' ? errorOf(step) : undefined
  const facts: [string, string][] = [
    ['Started', exactly(new Date(step.started_at))],
    ...(step.duration_ms === null
      ? []
      : [['Duration', duration(step.duration_ms)] satisfies [string, string]]),
    ...(step.attempt > 1 ? [['Attempt', String(step.attempt)] satisfies [string, string]] : []),
    ...(usage
      ? ([
          ['Input tokens', withPart(usage.input_tokens, usage.cached_input_tokens, 'cached')],
          ['Output tokens', withPart(usage.output_tokens, usage.reasoning_tokens, 'reasoning')],
          ['Cost', usage.cost_usd === null ? 'unknown' : usd(usage.cost_usd)],
        ] satisfies [string, string][])
      : []),
  ]
  return (
    <section aria-label={`Step ${step.name}`}>
      <h3 className={classes.title}>
        <code>{step.name}</code>
      </h3>
      <Facts facts={facts} className={classes.facts} />
      {failure !== undefined && (
        <div className={classes.failure}>
          <Notice tone="bad" title="This call failed">
            {failure}
          </Notice>
        </div>
      )}
      {error && <Problem error={error} />}
      {step.purged_at !== null ? (
        <p className={classes.note}>Its input and output were deleted because of their age.</p>
      ) : isPending && !error ? (
        <Skeleton height="10rem" />
      ) : step.kind === 'model' ? (
        <ModelContent input={input} output={output} />
      ) : (
        <ToolContent input={input} output={output} failed={failure !== undefined} />
      )}
      {data && <SourceNote source={data.input_source} />}
    </section>
  )
}

function ModelContent({ input, output }: { input: unknown; output: unknown }) {
  const said = saidBy(output)
  const messages = messagesOf(input)
  return (
    <>
      <h4 className={classes.label}>Output</h4>
      {said.map(({ type, text }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of one answer, never moved
        <p key={index} className={classes.said} data-type={type}>
          {text}
        </p>
      ))}
      <details className={classes.raw}>
        <summary>Output as JSON</summary>
        <ValueView label="Whole output" value={output} />
      </details>
      <h4 className={classes.label}>Input</h4>
      <Messages messages={messages} />
      <details className={classes.raw}>
        <summary>Input as JSON, with tools and settings</summary>
        <ValueView label="Whole input" value={input} />
      </details>
    </>
  )
}

function Messages({ messages }: { messages: SentMessage[] }) {
  return (
    <ol className={classes.messages} aria-label="Messages">
      {messages.map(({ role, text }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- messages of one prompt, never moved
        <li key={index} data-role={role}>
          <span className={classes.role}>{role}</span>
          <div className={classes.message} tabIndex={0} role="group" aria-label={`Message of ${role}`}>
            {text}
          </div>
        </li>
      ))}
    </ol>
  )
}

function ToolContent({ input, output, failed }: { input: unknown; output: unknown; failed: boolean }) {
  const edited = member(input, 'edited_arguments')
  const { line, value } = resultOf(output)
  return (
    <>
      <ValueView
        label={edited === undefined ? 'Arguments' : 'Arguments, edited by a person'}
        value={argumentsOf(input)}
      />
      {edited !== undefined && (
        <ValueView label="Arguments of the model" value={member(input, 'arguments')} />
      )}
      {!failed && <ValueView label={line === undefined ? 'Result' : `Result: ${line}`} value={value} />}
      {failed && <ValueView label="Error" value={member(output, 'error') ?? output} />}
    </>
  )
}

/** Notes when the input may not be exactly what was sent. */
function SourceNote({ source }: { source: StepDetail['input_source'] }) {
  if (source === 'replayed' || source === 'recorded') return null
  return (
    <p className={classes.note}>
      {source === 'changed'
        ? 'Bellwire was updated since this call: what was sent may have differed in details.'
        : source === 'purged'
          ? 'Its input and output were deleted because of their age.'
          : 'The full input cannot be reconstructed. This is the summary in the journal.'}
    </p>
  )
}

function withPart(whole: number, part: number, name: string): string {
  const text = whole.toLocaleString('en-GB')
  return part > 0 ? `${text} (${part.toLocaleString('en-GB')} ${name})` : text
}
