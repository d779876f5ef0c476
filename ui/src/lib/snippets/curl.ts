import { queryOf, variablesOf, type Call, type Part, type Signature, type Variable } from './call.ts'

/** The call as commands of a POSIX shell, with openssl for what is signed. */
export function curl(call: Call, url: string): string {
  const used = variablesOf(call)
  const lines: string[] = []
  if (used.has('secret') || call.signature) lines.push('# First: export WEBHOOK_SECRET=…')
  if (used.has('url')) lines.push(`URL=${shellQuoted(url)}`)
  const body = JSON.stringify(call.payload)
  const isInVariable = call.signature !== undefined
  if (isInVariable) lines.push(`BODY=${call.method === 'POST' ? shellQuoted(body) : ''}`)
  if (used.has('timestamp')) lines.push('TIMESTAMP=$(date +%s)')
  if (used.has('id')) lines.push('ID=msg_$(openssl rand -hex 16)')
  if (used.has('key')) lines.push('KEY=$(openssl rand -hex 16) # the same when you repeat this request')
  if (call.signature) lines.push(...sign(call.signature))

  const data =
    call.method === 'POST'
      ? [`-d ${isInVariable ? '"$BODY"' : shellQuoted(body)}`]
      : queryOf(call.payload).map(([name, value]) => `--data-urlencode ${shellQuoted(`${name}=${value}`)}`)
  const options = [...call.headers.map(({ name, value }) => `-H ${text([`${name}: `, ...value])}`), ...data]
  lines.push([`curl ${call.method === 'GET' ? '-G ' : ''}${shellQuoted(url)}`, ...options].join(' \\\n  '))
  return lines.join('\n')
}

function sign({ algorithm, encoding, isEncodedKey, message }: Signature): string[] {
  const lines: string[] = []
  if (isEncodedKey) {
    lines.push(
      `HEX_KEY=$(printf %s "\${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`,
    )
  }
  const key = isEncodedKey ? '-mac HMAC -macopt "hexkey:$HEX_KEY"' : '-hmac "$WEBHOOK_SECRET"'
  const encode = {
    hex: `od -An -v -tx1 | tr -d ' \\n'`,
    base64: 'openssl base64 -A',
    base64url: `openssl base64 -A | tr '+/' '-_' | tr -d '='`,
  }[encoding]
  lines.push(
    `SIGNATURE=$(printf %s ${text(message)} |\n  openssl dgst -${algorithm} ${key} -binary | ${encode})`,
  )
  return lines
}

const NAMES: Record<Variable, string> = {
  body: '$BODY',
  timestamp: '$TIMESTAMP',
  id: '$ID',
  key: '$KEY',
  signature: '$SIGNATURE',
  secret: '$WEBHOOK_SECRET',
  url: '$URL',
}

/** One word: in double quotes where it holds variables. */
function text(parts: Part[]): string {
  if (parts.every((part) => typeof part === 'string')) return shellQuoted(parts.join(''))
  const pieces = parts.map((part, index) => {
    if (typeof part === 'string') return part.replaceAll(/["$`\\]/g, '\\$&')
    const next = parts[index + 1]
    // Letters right after the name would be read as part of it.
    return typeof next === 'string' && /^\w/.test(next) ? `\${${NAMES[part.use].slice(1)}}` : NAMES[part.use]
  })
  return `"${pieces.join('')}"`
}

/** One word for a POSIX shell, whatever stands in it. */
export function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}
