import { Fragment, type ReactNode } from 'react'
import classes from './InlineMarkdown.module.css'

/** Labels and addresses contain no bracket; otherwise, the search would start again at each of many brackets. */
const MARKS = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^[\]]+)\]\((https:\/\/[^)\s[]+)\)/g

/** One line of Markdown: code, bold and links to https. `code` may replace the text of a code span. */
export function InlineMarkdown({
  text,
  code = (piece) => <code className={classes.code}>{piece}</code>,
}: {
  text: string
  code?: (piece: string) => ReactNode
}) {
  const parts: ReactNode[] = []
  let end = 0
  for (const match of text.matchAll(MARKS)) {
    parts.push(text.slice(end, match.index))
    const [whole, codeText, bold, label, href] = match
    if (codeText !== undefined) parts.push(code(codeText))
    else if (bold !== undefined) parts.push(<strong>{bold}</strong>)
    else {
      parts.push(
        <a href={href} target="_blank" rel="noreferrer">
          {label}
        </a>,
      )
    }
    end = match.index + whole.length
  }
  parts.push(text.slice(end))
  // oxlint-disable-next-line react/no-array-index-key -- pieces of one text, never moved
  return parts.map((part, index) => <Fragment key={index}>{part}</Fragment>)
}

export const codeClass = classes.code
