import type { ReactNode } from 'react'
import { ApiError } from '../api/apiError.ts'
import classes from './Notice.module.css'

/** An important message. `bad` is announced immediately. */
export function Notice({
  tone = 'plain',
  title,
  children,
  action,
}: {
  tone?: 'plain' | 'bad' | 'good'
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={classes.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <div>
        <p className={classes.title}>{title}</p>
        {children !== undefined && <div className={classes.body}>{children}</div>}
      </div>
      {action}
    </div>
  )
}

/** The error of a request, as the server describes it. */
export function Problem({ error, action }: { error: unknown; action?: ReactNode }) {
  if (!(error instanceof ApiError)) {
    return (
      <Notice tone="bad" title="This page hit an unexpected error" action={action}>
        Reload the page. If the error persists, see the browser console.
      </Notice>
    )
  }
  const { title = error.message, detail = '', request_id: id } = error.problem
  // A detail that does not make sense alone begins with the title.
  const more = detail.startsWith(title) ? detail.slice(title.length).replace(/^\.\s*/, '') : detail
  return (
    <Notice tone="bad" title={title} action={action}>
      {more !== '' && <p>{more}</p>}
      {error.status >= 500 && id !== undefined && (
        <p>
          In the server log: <code>{id}</code>
        </p>
      )}
    </Notice>
  )
}
