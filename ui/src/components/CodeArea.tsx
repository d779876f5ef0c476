import { Textarea, type TextareaProps } from '@mantine/core'
import classes from './CodeArea.module.css'

/** A field for a few lines of code, such as an expression or JSON. It grows with the text, up to `maxRows`. */
export function CodeArea(props: TextareaProps) {
  return <Textarea classNames={{ input: classes.code ?? '' }} autosize spellCheck={false} {...props} />
}
