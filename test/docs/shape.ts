/**
 * Where the form of `actual` differs from that of `shown`: paths of fields that are missing or have another type. Texts
 * and numbers may differ; `…` as a key or a value stands for anything, and so does null. In lists, only the first
 * elements are compared.
 */
export function differences(shown: unknown, actual: unknown, path = ''): string[] {
  if (shown === null || shown === '…') return []
  if (Array.isArray(shown)) {
    if (!Array.isArray(actual)) return [`${path} is not a list`]
    return shown.length > 0 && actual.length > 0 ? differences(shown[0], actual[0], `${path}/0`) : []
  }
  if (typeof shown !== 'object') return typeof actual === typeof shown ? [] : [`${path} is ${typeof actual}`]
  if (!isObject(actual)) return [`${path} is not an object`]
  return Object.entries(shown).flatMap(([key, value]) => {
    if (key === '…') return []
    return key in actual ? differences(value, actual[key], `${path}/${key}`) : [`${path}/${key} is not there`]
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
