type Scope = Record<string, unknown>

/**
 * Finds the rendered forms of a scope's secrets in the pieces of a text. The text is rendered a second time with other
 * values in their place: whatever differs was made from them, by any filters and variables. A secret that only controls
 * what is rendered leaves no trace, and may make more text count as secret than is.
 *
 * @param render returns the pieces in order
 */
export function traceSecrets(render: (scope: Scope) => string[], scope: Scope): string[] {
  const pieces = render(scope)
  const others = new Set(renderOthers(render, scope))
  const found: string[] = []
  let run: string[] = []
  for (const piece of [...pieces, undefined]) {
    if (piece !== undefined && !others.has(piece)) {
      run.push(piece)
      continue
    }
    // Adjacent pieces are one text to the receiver.
    if (run.length > 0) found.push(...new Set([...run, run.join('')]))
    run = []
  }
  return found.map(unquote)
}

/** If the other values do not render, every piece counts as secret. */
function renderOthers(render: (scope: Scope) => string[], scope: Scope): string[] {
  const secrets = Object.entries(Object(scope['secrets']))
  const others = secrets.map(([name, value]) => [name, disguise(String(value))])
  try {
    return render({ ...scope, secrets: Object.fromEntries(others) })
  } catch {
    return []
  }
}

/** Another value of the same length and structure, so that filters that split values work the same. */
function disguise(value: string): string {
  const other = value.replaceAll(/[A-Za-z0-9]|[^\x20-\x7e]/g, (one) => {
    if (one === 'z') return 'a'
    if (one === 'Z') return 'A'
    if (one === '9') return '0'
    return /[A-Za-z0-9]/.test(one) ? String.fromCharCode(one.charCodeAt(0) + 1) : 'x'
  })
  return other === value ? 'x'.repeat(value.length) : other
}

/** The filter `json` adds quotation marks; a response may omit them. */
function unquote(text: string): string {
  if (!/^".*"$/s.test(text)) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
