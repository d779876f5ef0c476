import { structuredPatch } from 'diff'
import { useMemo } from 'react'
import classes from './TextDiff.module.css'

/** Unchanged lines that are shown around a changed one. */
const CONTEXT = 3

/** After so many milliseconds the two texts are shown whole. */
const MAX_MS = 300

/** Two texts, line by line: what was removed, what was added, and the lines around it. */
export function TextDiff({ before, after }: { before: string; after: string }) {
  const hunks = useMemo(() => hunksOf(before, after), [before, after])
  return (
    <div className={classes.diff} tabIndex={0} role="group" aria-label="Changed lines">
      {hunks.map((lines, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of two texts, never moved
        <ol key={index}>
          {lines.map((line, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- lines of two texts, never moved
            <Line key={at} line={line} />
          ))}
        </ol>
      ))}
    </div>
  )
}

function Line({ line }: { line: string }) {
  const [sign = ' ', text] = [line[0], line.slice(1)]
  if (sign === '+') {
    return (
      <li data-sign="+">
        <ins>{text}</ins>
      </li>
    )
  }
  if (sign === '-') {
    return (
      <li data-sign="−">
        <del>{text}</del>
      </li>
    )
  }
  return <li data-sign=" ">{text}</li>
}

/** Groups of lines, each with its sign in front. */
function hunksOf(before: string, after: string): string[][] {
  const patch = structuredPatch('', '', before, after, '', '', { context: CONTEXT, timeout: MAX_MS })
  if (patch) {
    return patch.hunks.map(({ lines }) => lines.filter((line) => !line.startsWith('\\')))
  }
  return [[...before.split('\n').map((line) => `-${line}`), ...after.split('\n').map((line) => `+${line}`)]]
}
