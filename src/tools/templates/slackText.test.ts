import { expect, it } from 'vitest'
import { expectLinear } from '../../../test/harness/linear.ts'
import { toSlackText } from './slackText.ts'

it.each([
  ['<!channel> & <@U1>', '&lt;!channel&gt; &amp; &lt;@U1&gt;'],
  ['**Done** and *fine*', '*Done* and *fine*'],
  ['## What I did ##\ntext', '*What I did*\ntext'],
  ['see [the log](https://x.example/a?b=1&c=2)', 'see <https://x.example/a?b=1&amp;c=2|the log>'],
  ['[x](javascript:alert)', '[x](javascript:alert)'],
  ['- one\n  - two\n* three', '• one\n  • two\n• three'],
  ['`**a**` ```\n# b <c>\n``` **d**', '`**a**` ```\n# b &lt;c&gt;\n``` *d*'],
  ['# C ## ', '*C ##*'],
  ['# ', '# '],
  ['2 ** 3 ** 4', '2 ** 3 ** 4'],
  ['[a](https://x.example|<!here>)', '[a](https://x.example|&lt;!here&gt;)'],
])('%s', (markdown, slack) => expect(toSlackText(markdown)).toBe(slack))

it.each(['**a', '[a](', '# ', '#', '```', '`', '- ', '[[[[', '# x' + ' '.repeat(40)])(
  'takes time in proportion to the text: %j',
  async (part) => {
    await expectLinear((length) => part.repeat(Math.ceil(length / part.length)), toSlackText)
    await expectLinear((length) => `# x${part.at(-1)?.repeat(length)}${'y'.repeat(400)}`, toSlackText)
  },
)
