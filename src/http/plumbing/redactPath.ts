/** Shorter parts of a path cannot be a token, a key or the id of a task. */
const SECRET_LENGTH = 20

/** The path of a URL that no route knows, fit for a log: without its query, and without long parts. */
export function redactPath(url: string): string {
  const [path = ''] = url.split('?', 1)
  return path
    .split('/')
    .map((part) => (part.length < SECRET_LENGTH ? part : '***'))
    .join('/')
}
