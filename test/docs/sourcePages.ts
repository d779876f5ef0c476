import { format, resolveConfig } from 'prettier'
import { SAMPLES } from '../sources/samples.ts'
import type { SourceName } from '../../src/ingress/sources/index.ts'
import { SOURCE_NAMES, SOURCES } from '../../src/ingress/sources/index.ts'
import type { Field, Source } from '../../src/ingress/sources/source.ts'

const URL_IN_TEXT = '`WEBHOOK_URL`'

/** Generates the pages of `docs/sources` from the sources: the text of each by its path. */
export async function sourcePages(): Promise<Map<string, string>> {
  const pages = new Map<string, string>([['docs/sources/README.md', index()]])
  for (const name of SOURCE_NAMES) pages.set(`docs/sources/${name}.md`, page(name))
  const config = await resolveConfig(import.meta.filename)
  for (const [path, text] of pages) pages.set(path, await format(text, { ...config, parser: 'markdown' }))
  return pages
}

function page(name: SourceName): string {
  const source: Source = SOURCES[name]
  return [
    made('src/ingress/sources'),
    `# ${source.title}`,
    source.about,
    ...(source.reference === undefined ? [] : [`The sender's documentation: <${source.reference}>`]),
    '## Set up',
    source.fields
      .map(({ label, hint, required, name }) => {
        return `- **${label}**${required ? '' : ' (optional)'}, in \`${name}\`: ${hint}`
      })
      .join('\n'),
    `Create the webhook with \`POST /api/agents/{id}/webhooks\` (see [managing webhooks](../management.md#webhooks)). If the sender shows its secret only after it has the URL, leave \`secrets\` out and add it with \`PATCH\`: ${beforeSecret(source)}`,
    '```json',
    JSON.stringify(example(name), null, 2),
    '```',
    'Then, at the sender, with the `url` of the webhook as `WEBHOOK_URL`:',
    source.setup.map((step, index) => `${index + 1}. ${step.replaceAll('`{url}`', URL_IN_TEXT)}`).join('\n'),
    '## What is checked',
    `${sentence(source.scheme.summary)}${source.configure ? ' `hmac` can change all of this.' : ''} During a rotation, several secrets can be saved: each of them is accepted.`,
    'A request that fails is answered with 401 and recorded with the check that failed. [All sources](README.md#when-a-check-fails) lists the reasons.',
    '## What is read',
    ['| | header, or JSON pointer into the payload |', '| - | - |', ...rows(source)].join('\n'),
    ...(source.notes === undefined ? [] : ['## Good to know', ...source.notes]),
    ...handshakes(source),
    ...(source.keptHeaders.length === 0
      ? []
      : [
          '## Headers',
          `In addition to the headers of every request, templates can use ${source.keptHeaders.map((header) => `\`${header}\``).join(', ')}.`,
        ]),
    '',
  ].join('\n\n')
}

function beforeSecret(source: Source): string {
  return isOptional(source)
    ? 'until then requests are accepted, and their sender is not verified.'
    : 'until then every request is refused.'
}

function isOptional(source: Source): boolean {
  return !source.fields.some(({ name, required }) => name === 'secrets' && required)
}

function example(name: SourceName): object {
  const source = SOURCES[name]
  const { hmac } = SAMPLES[name]
  const secret = placeholder(source.fields[0])
  return { name: source.title, source: name, secrets: [secret], ...(hmac === undefined ? {} : { hmac }) }
}

function placeholder({ label }: Field): string {
  return `YOUR ${label.split(',')[0]?.toUpperCase()}`
}

function rows({ event, eventId, object, part, batch }: Source): string[] {
  const list = batch === '' ? 'the payload itself' : `\`${batch}\``
  const all: [string, string | undefined][] = [
    ['name of the event', event?.text ?? '–'],
    ['id of the event, by which repeated requests are recognised', eventId?.text ?? '–'],
    ['object that the event is about', object?.text ?? '–'],
    ['part of the object that the event is about', part?.text],
    ['list of events, each of which becomes a task', batch === undefined ? undefined : list],
  ]
  return all.filter(([, where]) => where !== undefined).map(([what, where]) => `| ${what} | ${where} |`)
}

function handshakes({ handshakes = [] }: Source): string[] {
  if (handshakes.length === 0) return []
  const lines = handshakes.map(
    ({ summary, signed }) => `- ${summary}.${signed ? ' Only after the check above.' : ''}`,
  )
  return ['## Handshakes', 'Answered immediately; no task is started.', lines.join('\n')]
}

function index(): string {
  const table = SOURCE_NAMES.map((name) => {
    const source: Source = SOURCES[name]
    const id = source.eventId === undefined ? '–' : source.eventId.text
    const cells = [
      `[${source.title}](${name}.md)`,
      `\`${name}\``,
      `${source.scheme.kind.replace('hmac', 'HMAC')}${isOptional(source) ? ' (optional)' : ''}`,
      source.event?.text ?? '–',
      id,
      source.handshakes === undefined ? '' : 'yes',
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    made('src/ingress/sources'),
    '# Sources',
    'The `source` of a webhook is the system that sends its requests. It determines how they are verified, which handshakes are answered, and where the name and the id of an event are. A webhook without one is `generic`. In the table, entries that begin with `/` are JSON pointers into the payload; others are header names. `GET /api/sources` lists all sources with what to fill in and what to do at the sender.',
    '| sender | `source` | verified by | event | id | handshake |\n| - | - | - | - | - | - |\n' +
      table.join('\n'),
    '## When a check fails',
    'The response is 401 `signature_invalid`, with `reason` in it, and the request is recorded as a rejection with what was expected and what was received; neither holds a secret or a valid signature.',
    [
      '| reason | what it means |',
      '| - | - |',
      '| `signature_missing` | a header or field with the signature is missing; often the secret is not set at the sender |',
      '| `signature_invalid` | the header does not contain such a signature (no prefix, another encoding, another length), or the signature does not match the request and the secrets: another secret was used, or something between the sender and Bellwire changes the body or, if the URL is signed, the URL |',
      '| `timestamp_expired` | it was signed too long ago, or a clock is wrong |',
      '| `sender_unknown` | the signature is valid, but from another topic or account |',
      '| `secret_missing` | the webhook has no secret yet |',
      "| `keys_unavailable` | the provider's certificate or keys could not be fetched; the response is 503, so that the sender retries |",
    ].join('\n'),
    '## Rotating a secret',
    'Save the new secret next to the old one (`PATCH` with both in `secrets`), change it at the sender, and remove the old one once its last requests have arrived.',
    '## Adding a source',
    'See [adding-a-source.md](../adding-a-source.md).',
    '',
  ].join('\n\n')
}

function made(from: string): string {
  return `<!-- Made from ${from} by "npm run docs:sources": changes belong there. -->`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
