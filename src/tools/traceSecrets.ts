type Scope = Record<string, unknown>

/**
 * Finds what the secrets of a scope become in the pieces of a text. The text is rendered a second time with
 * other values in their place: whatever comes out differently was made of them, by whichever filters and
 * variables. A secret that only decides what is written leaves no trace, and may make more count as secret
 * than is.
 *
 * @param render gives the pieces in their order
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
    // Pieces side by side are one text to whoever receives it.
    if (run.length > 0) found.push(...new Set([...run, run.join('')]))
    run = []
  }
  return found.map(unquote)
}

/** Where other values do not render, every piece counts as made of secrets. */
function renderOthers(render: (scope: Scope) => string[], scope: Scope): string[] {
  const secrets = Object.entries(Object(scope['secrets']))
  const others = secrets.map(([name, value]) => [name, disguise(String(value))])
  try {
    return render({ ...scope, secrets: Object.fromEntries(others) })
  } catch {
    return []
  }
}

/** Another value of the same length and build, so that filters that take values apart find their places. */
function disguise(value: string): string {
  const other = value.replaceAll(/[A-Za-z0-9]|[^\x20-\x7e]/g, (one) => {
    if (one === 'z') return 'a'
    if (one === 'Z') return 'A'
    if (one === '9') return '0'
    return /[A-Za-z0-9]/.test(one) ? String.fromCharCode(one.charCodeAt(0) + 1) : 'x'
  })
  return other === value ? 'x'.repeat(value.length) : other
}

/** The filter `json` puts quotation marks around a text; what comes back may do without. */
function unquote(text: string): string {
  if (!/^".*"$/s.test(text)) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
