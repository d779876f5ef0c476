/** A fenced block of a page. */
export type CodeBlock = {
  language: string
  code: string
  /** Line of the page on which the code begins, counted from 1. */
  line: number
  /** It shows the output of the shell block before it: written as ```json answer. */
  isAnswer: boolean
  /** Why it is not run: from the comment `<!-- not run: reason -->` before it. */
  notRun?: string
  /** Shell commands that create what a reader has at this point: from `<!-- before: commands -->`. */
  before?: string
}

const FENCE = /^(\s*)(`{3,})\s*(\S*)\s*(.*)$/
const NOT_RUN = /^<!--\s*not run:\s*([\s\S]*?)\s*-->$/
const BEFORE = /^<!--\s*before:([\s\S]*?)-->$/

/** Finds the fenced blocks of a Markdown page, with the comments right before them. */
export function findCodeBlocks(markdown: string): CodeBlock[] {
  const lines = markdown.split('\n')
  const blocks: CodeBlock[] = []
  let comment = ''
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const fence = FENCE.exec(line)
    if (fence) {
      const [, indent = '', ticks = '', language = '', more = ''] = fence
      const end = lines.findIndex((other, index) => index > at && other.trim() === ticks)
      if (end < 0) throw new Error(`the block in line ${at + 1} does not end`)
      const code = lines.slice(at + 1, end).map((text) => text.replace(indent, ''))
      blocks.push({
        language,
        code: code.join('\n'),
        line: at + 2,
        isAnswer: more.split(' ').includes('answer'),
        ...readComment(comment),
      })
      at = end
      comment = ''
    } else if (line.startsWith('<!--')) {
      const end = lines.findIndex((other, index) => index >= at && other.includes('-->'))
      if (end < 0) throw new Error(`the comment in line ${at + 1} does not end`)
      comment = lines.slice(at, end + 1).join('\n')
      at = end
    } else if (line.trim() !== '') {
      comment = ''
    }
  }
  return blocks
}

function readComment(comment: string): Pick<CodeBlock, 'notRun' | 'before'> {
  const notRun = NOT_RUN.exec(comment)?.[1]
  const before = BEFORE.exec(comment)?.[1]
  return { ...(notRun === undefined ? {} : { notRun }), ...(before === undefined ? {} : { before }) }
}
