import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { createThoughtSplitter, type Part } from './thoughts.ts'

type Out = TransformStreamDefaultController<LanguageModelV4StreamPart>

/** Turns reasoning in the text of a stream into parts of its own, as it arrives. */
export function thoughtStream(): TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart> {
  const texts = new Map<string, ReturnType<typeof createBlocks>>()

  return new TransformStream({
    transform(part, out) {
      switch (part.type) {
        case 'text-start':
          texts.set(part.id, createBlocks(part.id))
          return
        case 'text-delta': {
          const blocks = texts.get(part.id)
          if (blocks) blocks.add(part.delta, out)
          else out.enqueue(part)
          return
        }
        case 'text-end': {
          const blocks = texts.get(part.id)
          texts.delete(part.id)
          if (blocks) blocks.end(out)
          else out.enqueue(part)
          return
        }
        default:
          out.enqueue(part)
      }
    },
  })
}

/** The parts of one text. */
function createBlocks(id: string) {
  const splitter = createThoughtSplitter()
  let open: { type: Part['type']; id: string } | undefined
  let count = 0

  function close(out: Out): void {
    if (open) out.enqueue({ type: `${open.type}-end`, id: open.id })
    open = undefined
  }

  function send(parts: Part[], out: Out): void {
    for (const { type, text } of parts) {
      if (open?.type !== type) {
        close(out)
        open = { type, id: `${id}-${type}-${count++}` }
        out.enqueue({ type: `${type}-start`, id: open.id })
      }
      out.enqueue({ type: `${type}-delta`, id: open.id, delta: text })
    }
  }

  return {
    add: (piece: string, out: Out): void => send(splitter.push(piece), out),
    end(out: Out): void {
      send(splitter.end(), out)
      close(out)
    },
  }
}
