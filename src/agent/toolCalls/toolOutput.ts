import type { LanguageModelV4ToolResultOutput } from '@ai-sdk/provider'
import type { RunTool } from '../../tools/tool.ts'
import { splitImages, type ToolImage } from '../../tools/toolImages.ts'

/** The result of a tool that holds images, on its way through the loop. */
class ImageOutput {
  readonly shown: unknown
  readonly images: readonly ToolImage[]

  constructor(shown: unknown, images: readonly ToolImage[]) {
    this.shown = shown
    this.images = images
  }
}

/** Tells images in the result of a tool apart from its other values. */
export function toToolOutput(tool: Pick<RunTool, 'givesImages'>, result: unknown): unknown {
  if (!tool.givesImages) return result
  const { shown, images } = splitImages(result)
  return images.length > 0 ? new ImageOutput(shown, images) : result
}

/** What people are shown of an output: instead of each image its type and size. */
export function shownOutput(output: unknown): unknown {
  return output instanceof ImageOutput ? output.shown : output
}

/** An output in the form of the prompt: a text, or a text and the images. */
export function toModelOutput(output: unknown): LanguageModelV4ToolResultOutput {
  // As text: the loop would parse JSON once more, which costs long numbers their digits.
  if (!(output instanceof ImageOutput)) return { type: 'text', value: toText(output) }
  return {
    type: 'content',
    value: [
      { type: 'text', text: toText(output.shown) },
      ...output.images.map(({ media_type: mediaType, data }) => ({
        type: 'file' as const,
        mediaType,
        data: { type: 'data' as const, data },
      })),
    ],
  }
}

/** A value as the text that the model gets. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
