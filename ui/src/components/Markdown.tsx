import ReactMarkdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import classes from './Markdown.module.css'

/** Longer texts are shown as they are: reading them as Markdown would hold up the page. */
const LONGEST = 200_000

const PLUGINS = [remarkGfm]

const COMPONENTS: Components = {
  // A page that comes from a model must call nobody: the address of an image may carry what it has read.
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
  // The page has headings of its own above.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  input: ({ checked }) => <span>{checked ? '☑ ' : '☐ '}</span>,
}

/** Text of a model as Markdown: HTML in it is text, images are not loaded, links open elsewhere. */
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
