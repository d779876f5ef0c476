import { withoutTrailing } from '../../contract/withoutTrailing.ts'

/**
 * Writes a text, often the Markdown of a model, as Slack's own markup. Everything that mentions people or channels is
 * escaped: https://docs.slack.dev/messaging/formatting-message-text. Code stays as it is.
 *
 * @example toSlackText('**Done**, see [the log](https://x.example) <!channel>')
 *   → '*Done*, see <https://x.example|the log> &lt;!channel&gt;'
 */
export function toSlackText(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return escaped
    .split(/(```[^]*?```|`[^`\n]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : toMarkup(part)))
    .join('')
}

/** Lengths are limited, so that the search takes time in proportion to the text. */
function toMarkup(text: string): string {
  return text
    .replaceAll(/^#{1,6} +([^\n]+)$/gm, toHeading)
    .replaceAll(/\*\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*\*/g, '*$1*')
    .replaceAll(/\[([^[\]\n]{1,300})\]\((https?:\/\/[^\s()|]{1,2000})\)/g, '<$2|$1>')
    .replaceAll(/^( *)[-*] +/gm, '$1• ')
}

function toHeading(line: string, text: string): string {
  const title = withoutTrailing(withoutTrailing(text, '#'), ' ')
  return title === '' || title.length > 300 ? line : `*${title.replaceAll('**', '')}*`
}
