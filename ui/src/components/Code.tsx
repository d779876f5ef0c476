import { prettyJson, tokens } from '../lib/json.ts'
import { CopyIcon } from './CopyButton.tsx'
import classes from './Code.module.css'

/** Preformatted text in a scrolling frame. `copy` is what the button copies, if it differs from what is shown. */
export function Code({ label, text, copy }: { label: string; text: string; copy?: string }) {
  return (
    <Frame label={label} copy={copy ?? text}>
      {text}
    </Frame>
  )
}

/** A value as coloured JSON. */
export function Json({ label, value }: { label: string; value: unknown }) {
  const text = prettyJson(value)
  return (
    <Frame label={label} copy={text}>
      {text.length > MOST_COLOURED ? text : <Coloured text={text} />}
    </Frame>
  )
}

/** Highlighting more than this would make the page slow. */
const MOST_COLOURED = 50_000

function Coloured({ text }: { text: string }) {
  return tokens(text).map(({ kind, text: piece }, index) =>
    kind === 'plain' ? (
      piece
    ) : (
      // oxlint-disable-next-line react/no-array-index-key -- pieces of one text, never moved
      <span key={index} className={classes[kind === 'text' ? 'string' : kind]}>
        {piece}
      </span>
    ),
  )
}

function Frame({ label, copy, children }: { label: string; copy: string; children: React.ReactNode }) {
  return (
    <div className={classes.frame}>
      <pre className={classes.text} tabIndex={0} role="group" aria-label={label}>
        <code>{children}</code>
      </pre>
      <div className={classes.copy}>
        <CopyIcon text={copy} what={label.slice(0, 1).toLowerCase() + label.slice(1)} />
      </div>
    </div>
  )
}
