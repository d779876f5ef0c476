import { useId } from 'react'
import type { SourceDescription } from '../../api/types.ts'
import { CopyIcon } from '../../components/CopyButton.tsx'
import { codeClass, InlineMarkdown } from '../../components/InlineMarkdown.tsx'
import classes from './Fields.module.css'

/** What to do at the sender. The URL is copied, never shown. */
export function SetupSteps({ source, url }: { source: SourceDescription; url: string }) {
  const id = useId()
  const code = (piece: string) =>
    piece === '{url}' ? <strong>this webhook’s URL</strong> : <code className={codeClass}>{piece}</code>
  return (
    <section className={classes.setup} aria-labelledby={id}>
      <header>
        <h3 id={id}>Setup: {source.title}</h3>
        <CopyIcon text={url} what="the URL of this webhook" />
      </header>
      <ol>
        {source.setup.map((step) => (
          <li key={step}>
            <InlineMarkdown text={step} code={code} />
          </li>
        ))}
      </ol>
      <p className={classes.hint}>
        Checked on every request: <InlineMarkdown text={lowerFirst(source.verification)} />
        {source.reference !== null && (
          <>
            {' '}
            <a href={source.reference} target="_blank" rel="noreferrer">
              Documentation of {source.title}
            </a>
          </>
        )}
      </p>
    </section>
  )
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text
}
