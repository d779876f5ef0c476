import type { Step } from '../../api/types.ts'
import { Json } from '../../components/Code.tsx'
import classes from './StepContent.module.css'

/** What went into a call and what came out: a model's words as words, all else as JSON. */
export function StepContent({ step }: { step: Step }) {
  const said = step.kind === 'model' ? saidBy(step.output) : []
  return (
    <div className={classes.content}>
      <p className={classes.label}>Input</p>
      <Json label="Input" value={step.input} />
      <p className={classes.label}>Output</p>
      {said.map(({ type, text }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of one answer, never moved
        <p key={index} className={classes.said} data-type={type}>
          {text}
        </p>
      ))}
      {said.length === 0 ? (
        <Json label="Output" value={step.output} />
      ) : (
        <details>
          <summary>View JSON</summary>
          <Json label="Output" value={step.output} />
        </details>
      )}
    </div>
  )
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
