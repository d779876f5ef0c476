/** An image in the result of a tool. */
export type ToolImage = {
  /** Such as `image/png`. */
  media_type: string
  /** The image in Base64. */
  data: string
}

/** What people are shown of an image. */
type ImageSize = { media_type: string; bytes: number }

/**
 * Takes the images out of the result of a tool that may give some: a list `images` at its top, or one level below
 * under `result`, where a person has edited the call. In `shown` each image is replaced by its type and size.
 */
export function splitImages(result: unknown): { shown: unknown; images: ToolImage[] } {
  if (!isRecord(result)) return { shown: result, images: [] }
  if (isImageList(result['images'])) {
    const { images } = result
    return { shown: { ...result, images: images.map(sizeOf) }, images: [...images] }
  }
  if (!isRecord(result['result'])) return { shown: result, images: [] }
  const { shown, images } = splitImages(result['result'])
  return { shown: { ...result, result: shown }, images }
}

/** The number of bytes that a text in Base64 encodes. */
export function base64Bytes(data: string): number {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0
  return Math.max(Math.floor((data.length * 3) / 4) - padding, 0)
}

function sizeOf({ media_type, data }: ToolImage): ImageSize {
  return { media_type, bytes: base64Bytes(data) }
}

function isImageList(value: unknown): value is ToolImage[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) => isRecord(one) && typeof one['media_type'] === 'string' && typeof one['data'] === 'string',
    )
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
