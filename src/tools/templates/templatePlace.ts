/** Where something is in a template: both count from 1. */
export type Place = { line: number; column: number }

/** Takes the position off the end of the message of a TemplateError. */
export function splitPlace(message: string): { detail: string; place: Place | undefined } {
  const found = /^(.*) \(line (\d+), column (\d+)\)$/s.exec(message)
  if (!found) return { detail: message, place: undefined }
  const [, detail = '', line, column] = found
  return { detail, place: { line: Number(line), column: Number(column) } }
}

/** Finds where a template first uses a name, or a path such as `payload.issue.title`, inside of its braces. */
export function findPlace(text: string, name: string): Place | undefined {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (/[\w-]/.test(text[at + name.length] ?? '') || /[\w.-]/.test(text[at - 1] ?? '')) continue
    if (isEvaluated(text, at)) return placeAt(text, at)
  }
  return undefined
}

function isEvaluated(text: string, at: number): boolean {
  const open = Math.max(text.lastIndexOf('{{', at), text.lastIndexOf('{%', at))
  const close = Math.max(text.lastIndexOf('}}', at), text.lastIndexOf('%}', at))
  return open > close
}

function placeAt(text: string, at: number): Place {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  return { line: text.slice(0, lineStart).split('\n').length, column: at - lineStart + 1 }
}
