import ReactMarkdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import classes from './Markdown.module.css'

/** Longer texts are shown unformatted: parsing them as Markdown would block the page. */
const LONGEST = 200_000

const PLUGINS = [remarkGfm]

const COMPONENTS: Components = {
  // A model's text must not cause any request: an image URL could contain what the model has read.
  img: ({ alt, src }) => (
    <span className={classes.image}>
      [image{alt ? `: ${alt}` : ''}
      {typeof src === 'string' && src !== '' && ` (${src})`}]
    </span>
  ),
  a: ({ href, children }) =>
    href !== undefined && /^(https?:|mailto:)/i.test(href) ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  table: ({ children }) => (
    <div className={classes.table} tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
  // The page has headings of its own above these.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  input: ({ checked }) => <span>{checked ? '☑ ' : '☐ '}</span>,
}

/** A model's text as Markdown. HTML in it is shown as text, images are not loaded, links open in a new tab. */
export function Markdown({ text }: { text: string }) {
  if (text.length > LONGEST) return <div className={classes.plain}>{text}</div>
  return (
    <div className={classes.markdown}>
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </div>
  )
}
