/** Code that starts the agent, to paste elsewhere. */
export type Snippet = { name: string; text: (url: string) => string }

/** The same call in three languages. @param payload what is sent */
export function snippetsFor(payload: unknown): Snippet[] {
  const compact = JSON.stringify(payload)
  return [
    {
      name: 'curl',
      text: (url) =>
        `curl ${shellQuoted(url)} \\\n  -H 'Content-Type: application/json' \\\n  -d ${shellQuoted(compact)}`,
    },
    {
      name: 'JavaScript',
      text: (url) =>
        [
          `const response = await fetch(${JSON.stringify(url)}, {`,
          `  method: 'POST',`,
          `  headers: { 'Content-Type': 'application/json' },`,
          `  body: JSON.stringify(${indent(JSON.stringify(payload, null, 2), 2)}),`,
          `})`,
          `const { task_id, links } = await response.json()`,
        ].join('\n'),
    },
    {
      name: 'Python',
      text: (url) =>
        [
          `import json, urllib.request`,
          ``,
          `request = urllib.request.Request(`,
          `    ${JSON.stringify(url)},`,
          `    data=json.dumps(${python(payload)}).encode(),`,
          `    headers={"Content-Type": "application/json"},`,
          `)`,
          `with urllib.request.urlopen(request) as response:`,
          `    task_id = json.load(response)["task_id"]`,
        ].join('\n'),
    },
  ]
}

/** Quotes text as one word for a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** A JSON value in Python syntax. JSON strings are Python strings; both escape lone surrogates in the same way. */
export function python(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, member]) => `${JSON.stringify(key)}: ${python(member)}`)
      .join(', ')}}`
  }
  return JSON.stringify(value)
}

function indent(text: string, spaces: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`)
}

/** The URL with its token masked, for display: anyone who sees the whole URL could start the agent. */
export function maskUrl(url: string): string {
  return url.replace(/[^/]+$/, '•'.repeat(16))
}
