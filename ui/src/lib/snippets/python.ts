import { queryOf, variablesOf, type Call, type Part, type Signature, type Variable } from './call.ts'

/** The call as a program in Python 3, with nothing but its own library. */
export function python(call: Call, url: string): string {
  const used = variablesOf(call)
  const isPost = call.method === 'POST'
  const { signature } = call
  const modules = [
    ...(signature && (signature.encoding !== 'hex' || signature.isEncodedKey) ? ['base64'] : []),
    ...(signature ? ['hashlib', 'hmac'] : []),
    'json',
    ...(signature || used.has('secret') ? ['os'] : []),
    ...(used.has('timestamp') ? ['time'] : []),
    ...(isPost ? [] : ['urllib.parse']),
    'urllib.request',
    ...(used.has('id') || used.has('key') ? ['uuid'] : []),
  ]
  const isBare = call.answer === 'own' && !isPost
  const lines = [
    ...modules.filter((name) => name !== 'json' || !isBare).map((name) => `import ${name}`),
    '',
    `url = ${quoted(url)}`,
  ]
  if (isPost) lines.push(`body = json.dumps(${literal(call.payload)})`)
  else {
    lines.push(`query = urllib.parse.urlencode(${literal(Object.fromEntries(queryOf(call.payload)))})`)
    if (signature) lines.push('body = ""')
  }
  if (used.has('timestamp')) lines.push('timestamp = int(time.time())')
  if (used.has('id')) lines.push('id = f"msg_{uuid.uuid4()}"')
  if (used.has('key')) lines.push('key = str(uuid.uuid4())  # the same when you repeat this request')
  if (signature) lines.push(...sign(signature))
  const headers = call.headers.map(({ name, value }) => `        ${quoted(name)}: ${text(value)},`)
  lines.push(
    'request = urllib.request.Request(',
    `    ${isPost ? 'url' : 'f"{url}?{query}"'},`,
    ...(isPost ? ['    data=body.encode(),'] : []),
    ...(headers.length > 0 ? ['    headers={', ...headers, '    },'] : []),
    ')',
    'with urllib.request.urlopen(request) as response:',
    {
      task: '    print(json.load(response)["task_id"])',
      result: '    print(json.load(response)["result"])',
      own: '    print(response.read().decode())',
    }[call.answer],
  )
  return lines.join('\n')
}

function sign({ algorithm, encoding, isEncodedKey, message }: Signature): string[] {
  const secret = 'os.environ["WEBHOOK_SECRET"]'
  const key = isEncodedKey ? `base64.b64decode(${secret}.removeprefix("whsec_"))` : `${secret}.encode()`
  const digest = `hmac.new(${key}, ${text(message)}.encode(), hashlib.${algorithm})`
  const encoded = {
    hex: 'mac.hexdigest()',
    base64: 'base64.b64encode(mac.digest()).decode()',
    base64url: 'base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")',
  }[encoding]
  return [`mac = ${digest}`, `signature = ${encoded}`]
}

const NAMES: Record<Variable, string> = {
  body: 'body',
  timestamp: 'timestamp',
  id: 'id',
  key: 'key',
  signature: 'signature',
  secret: `os.environ['WEBHOOK_SECRET']`,
  url: 'url',
}

function text(parts: Part[]): string {
  if (parts.every((part) => typeof part === 'string')) return quoted(parts.join(''))
  const [only] = parts
  if (parts.length === 1 && typeof only === 'object' && only.use !== 'timestamp') return NAMES[only.use]
  return `f"${parts
    .map((part) =>
      typeof part === 'string'
        ? quoted(part).slice(1, -1).replaceAll(/[{}]/g, '$&$&')
        : `{${NAMES[part.use]}}`,
    )
    .join('')}"`
}

function quoted(value: string): string {
  return JSON.stringify(value)
}

/** A JSON value as Python writes it. JSON's strings are Python's, but for halves of pairs, which both escape alike. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([name, member]) => `${JSON.stringify(name)}: ${literal(member)}`)
      .join(', ')}}`
  }
  return JSON.stringify(value)
}
