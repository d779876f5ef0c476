import { Allowed } from '../../components/Allowed.tsx'
import { useState } from 'react'
import type { Approval, TaskDetail } from '../../api/types.ts'
import { Json } from '../../components/Code.tsx'
import { Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { DecidedNote } from '../approvals/DecidedNote.tsx'
import { Decision, type Way } from '../approvals/Decision.tsx'
import { describeArguments, describeCall } from './describeCall.ts'
import { argumentsOf, resultOf, saidBy } from './stepParts.ts'
import classes from './TaskDecisions.module.css'
import { ValueView } from './ValueView.tsx'

/** How many results of earlier calls are shown as evidence, and how many characters of each. */
const MOST_RESULTS = 3
const RESULT = 240

/** Calls and questions that are waiting for a person: each in a sentence, with what led to it. */
export function WaitingDecisions({ task }: { task: TaskDetail }) {
  const waiting = task.approvals.filter(({ state }) => state === 'waiting')
  if (waiting.length === 0) return null
  return (
    <Panel title={waiting.length === 1 ? 'Waiting for your decision' : 'Waiting for your decisions'}>
      <ol className={classes.list} aria-label="Decisions">
        {waiting.map((approval) => (
          <Waiting key={approval.id} task={task} approval={approval} />
        ))}
      </ol>
    </Panel>
  )
}

function Waiting({ task, approval }: { task: TaskDetail; approval: Approval }) {
  const [way, setWay] = useState<Way>('choose')
  const { question, tool, arguments: args, access, expires_at: until } = approval
  return (
    <li className={classes.item} data-state="waiting">
      <h3 className={classes.sentence}>{question ?? describeCall(tool, args)}</h3>
      <p className={classes.about}>
        {question === null
          ? access === 'write'
            ? 'This call changes something.'
            : 'This call only reads.'
          : `Asked by ${tool}.`}{' '}
        {until !== null && (
          <>
            {question === null ? 'Denied automatically' : 'Closed automatically'} <RelativeTime at={until} />.
          </>
        )}
      </p>
      <Evidence task={task} approval={approval} />
      {question === null && way !== 'edit' && <ValueView label={`Arguments of ${tool}`} value={args} />}
      <Allowed least="approver" instead={<p>An approver can decide this.</p>}>
        <Decision approval={approval} way={way} onWay={setWay} />
      </Allowed>
    </li>
  )
}

/** What the model wrote about the call, and the results of the calls before it. */
function Evidence({ task, approval }: { task: TaskDetail; approval: Approval }) {
  const turn = task.steps.find(({ kind, step }) => kind === 'model' && step === approval.step)
  const said = saidBy(turn?.output).filter(({ type }) => type !== 'call')
  const before = task.steps
    .filter(({ kind, state, step }) => kind === 'tool' && state === 'done' && step <= approval.step)
    .slice(-MOST_RESULTS)
  if (said.length === 0 && before.length === 0) return null
  return (
    <div className={classes.evidence}>
      {said.map(({ type, text }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of one answer, never moved
        <blockquote key={index} data-type={type}>
          {text}
        </blockquote>
      ))}
      {before.length > 0 && (
        <dl>
          {before.map((step) => (
            <div key={step.key}>
              <dt>
                {step.name} {describeArguments(argumentsOf(step.input))}
              </dt>
              <dd>{shorten(resultOf(step.output).value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > RESULT ? `${text.slice(0, RESULT - 1)}…` : text
}

/** What people decided about earlier calls of the run. */
export function EarlierDecisions({ approvals }: { approvals: Approval[] }) {
  const decided = approvals.filter(({ state }) => state !== 'waiting')
  if (decided.length === 0) return null
  return (
    <Panel title="Approvals">
      <ol className={classes.list}>
        {decided.map((approval) => (
          <li key={approval.id} className={classes.item} data-state={approval.state}>
            <p className={classes.what}>
              <span>{approval.question ?? describeCall(approval.tool, approval.arguments)}</span>{' '}
              <span className={classes.note}>
                <DecidedNote approval={approval} />
              </span>
            </p>
            <Details approval={approval} />
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Details({ approval }: { approval: Approval }) {
  const { tool, question, state, arguments: args, edited_arguments: edited } = approval
  if (question !== null && state !== 'approved') return null
  return (
    <details>
      <summary>{question === null ? 'Tool call' : 'Answer'}</summary>
      {question === null && <Json label={`Arguments of ${tool}`} value={args} />}
      {question === null && edited != null && (
        <>
          <p className={classes.changed}>Edited arguments:</p>
          <Json label={`Edited arguments of ${tool}`} value={edited} />
        </>
      )}
      {question !== null && <Json label={`Answer to ${tool}`} value={edited ?? args} />}
    </details>
  )
}
