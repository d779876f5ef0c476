/** Shorter parts of a path cannot be a token, a key or a task id. */
const SECRET_LENGTH = 20

/** The path of a URL that matches no route, safe to log: without its query and long parts. */
export function redactPath(url: string): string {
  const [path = ''] = url.split('?', 1)
  return path
    .split('/')
    .map((part) => (part.length < SECRET_LENGTH ? part : '***'))
    .join('/')
}
