import { queryOf, variablesOf, type Call, type Part, type Signature, type Variable } from './call.ts'

/** The call as an ES module for Node, or for any other place with fetch when nothing is signed. */
export function javascript(call: Call, url: string): string {
  const used = variablesOf(call)
  const isPost = call.method === 'POST'
  const payload = JSON.stringify(call.payload, null, 2)
  const lines: string[] = []
  const imports = [
    ...(call.signature ? ['createHmac'] : []),
    ...(used.has('id') || used.has('key') ? ['randomUUID'] : []),
  ]
  if (imports.length > 0) lines.push(`import { ${imports.join(', ')} } from 'node:crypto'`, '')
  if (used.has('url')) lines.push(`const url = ${quoted(url)}`)
  if (call.signature) lines.push(`const body = ${isPost ? `JSON.stringify(${payload})` : `''`}`)
  if (used.has('timestamp')) lines.push('const timestamp = Math.floor(Date.now() / 1000)')
  if (used.has('id')) lines.push('const id = `msg_${randomUUID()}`')
  if (used.has('key')) lines.push('const key = randomUUID() // the same when you repeat this request')
  if (call.signature) lines.push(...sign(call.signature))

  const query = queryOf(call.payload)
  if (!isPost) lines.push(`const query = new URLSearchParams(${JSON.stringify(Object.fromEntries(query))})`)
  const target = used.has('url') ? 'url' : quoted(url)
  const headers = call.headers.map(({ name, value }) => `    ${quoted(name)}: ${text(value)},`)
  lines.push(
    `const response = await fetch(${isPost ? target : `${target} + '?' + query`}, {`,
    ...(isPost ? [`  method: 'POST',`] : []),
    ...(headers.length > 0 ? ['  headers: {', ...headers, '  },'] : []),
    ...(isPost ? [call.signature ? '  body,' : `  body: JSON.stringify(${indent(payload, 2)}),`] : []),
    '})',
    'if (!response.ok) throw new Error(await response.text())',
    {
      task: 'const { task_id, links } = await response.json()\nconsole.log(task_id, links.status)',
      result: 'const { task_id, status, result } = await response.json()\nconsole.log(status, result)',
      own: 'console.log(await response.text())',
    }[call.answer],
  )
  return lines.join('\n')
}

function sign({ algorithm, encoding, isEncodedKey, message }: Signature): string[] {
  const key = isEncodedKey
    ? `Buffer.from(process.env.WEBHOOK_SECRET.replace('whsec_', ''), 'base64')`
    : 'process.env.WEBHOOK_SECRET'
  return [
    `const signature = createHmac('${algorithm}', ${key})`,
    `  .update(${text(message)})`,
    `  .digest('${encoding}')`,
  ]
}

const NAMES: Record<Variable, string> = {
  body: 'body',
  timestamp: 'timestamp',
  id: 'id',
  key: 'key',
  signature: 'signature',
  secret: 'process.env.WEBHOOK_SECRET',
  url: 'url',
}

function text(parts: Part[]): string {
  if (parts.every((part) => typeof part === 'string')) return quoted(parts.join(''))
  const [only] = parts
  // A number is no text: `timestamp` needs one around it.
  if (parts.length === 1 && typeof only === 'object' && only.use !== 'timestamp') return NAMES[only.use]
  return `\`${parts
    .map((part) =>
      typeof part === 'string' ? part.replaceAll(/[`\\]|\$(?=\{)/g, '\\$&') : `\${${NAMES[part.use]}}`,
    )
    .join('')}\``
}

function quoted(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

function indent(value: string, spaces: number): string {
  return value.replaceAll('\n', `\n${' '.repeat(spaces)}`)
}
