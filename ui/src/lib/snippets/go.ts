import { queryOf, variablesOf, type Call, type Part, type Signature, type Variable } from './call.ts'

/** The call as a program in Go (1.24 or newer), with nothing but its standard library. */
export function go(call: Call, url: string): string {
  const used = variablesOf(call)
  const isPost = call.method === 'POST'
  const { signature } = call
  const imports = [
    ...(signature ? ['crypto/hmac'] : []),
    ...(used.has('id') || used.has('key') ? ['crypto/rand'] : []),
    ...(signature ? [HASHES[signature.algorithm].module] : []),
    ...(signature && (signature.encoding !== 'hex' || signature.isEncodedKey) ? ['encoding/base64'] : []),
    ...(signature?.encoding === 'hex' ? ['encoding/hex'] : []),
    'fmt',
    'io',
    'log',
    'net/http',
    ...(isPost ? [] : ['net/url']),
    ...(signature || used.has('secret') ? ['os'] : []),
    ...(used.has('timestamp') ? ['strconv'] : []),
    ...(isPost || signature?.isEncodedKey ? ['strings'] : []),
    ...(used.has('timestamp') ? ['time'] : []),
  ]
  const lines = [`target := ${quoted(url)}`]
  if (isPost) lines.push(`body := ${quoted(JSON.stringify(call.payload))}`)
  else if (used.has('body')) lines.push('body := ""')
  if (!isPost) {
    lines.push('query := url.Values{}')
    for (const [name, value] of queryOf(call.payload))
      lines.push(`query.Set(${quoted(name)}, ${quoted(value)})`)
  }
  if (used.has('timestamp')) lines.push('timestamp := strconv.FormatInt(time.Now().Unix(), 10)')
  if (used.has('id')) lines.push('id := "msg_" + rand.Text()')
  if (used.has('key')) lines.push('key := rand.Text() // the same when you repeat this request')
  if (signature) lines.push(...sign(signature))
  lines.push(
    '',
    isPost
      ? 'request, err := http.NewRequest("POST", target, strings.NewReader(body))'
      : 'request, err := http.NewRequest("GET", target+"?"+query.Encode(), nil)',
    ...FATAL,
    ...call.headers.map(({ name, value }) => `request.Header.Set(${quoted(name)}, ${text(value, '+')})`),
    'response, err := http.DefaultClient.Do(request)',
    ...FATAL,
    'defer response.Body.Close()',
    'answer, err := io.ReadAll(response.Body)',
    ...FATAL,
    'fmt.Println(response.Status, string(answer))',
  )
  return [
    'package main',
    '',
    'import (',
    ...imports.map((name) => `\t"${name}"`),
    ')',
    '',
    'func main() {',
    ...lines.map((line) => (line === '' ? '' : `\t${line}`)),
    '}',
  ].join('\n')
}

const FATAL = ['if err != nil {', '\tlog.Fatal(err)', '}']

const HASHES: Record<Signature['algorithm'], { module: string; make: string }> = {
  sha1: { module: 'crypto/sha1', make: 'sha1.New' },
  sha256: { module: 'crypto/sha256', make: 'sha256.New' },
  sha384: { module: 'crypto/sha512', make: 'sha512.New384' },
  sha512: { module: 'crypto/sha512', make: 'sha512.New' },
}

function sign({ algorithm, encoding, isEncodedKey, message }: Signature): string[] {
  const secret = 'os.Getenv("WEBHOOK_SECRET")'
  const encode = {
    hex: 'hex.EncodeToString',
    base64: 'base64.StdEncoding.EncodeToString',
    base64url: 'base64.RawURLEncoding.EncodeToString',
  }[encoding]
  const key = isEncodedKey
    ? [`secretKey, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(${secret}, "whsec_"))`, ...FATAL]
    : [`secretKey := []byte(${secret})`]
  return [
    ...key,
    `mac := hmac.New(${HASHES[algorithm].make}, secretKey)`,
    `mac.Write([]byte(${text(message)}))`,
    `signature := ${encode}(mac.Sum(nil))`,
  ]
}

const NAMES: Record<Variable, string> = {
  body: 'body',
  timestamp: 'timestamp',
  id: 'id',
  key: 'key',
  signature: 'signature',
  secret: 'os.Getenv("WEBHOOK_SECRET")',
  url: 'target',
}

/** @param plus as gofmt has it: without spaces where the text is one of several arguments */
function text(parts: Part[], plus = ' + '): string {
  return parts.map((part) => (typeof part === 'string' ? quoted(part) : NAMES[part.use])).join(plus)
}

/** JSON's texts are Go's. */
function quoted(value: string): string {
  return JSON.stringify(value)
}
