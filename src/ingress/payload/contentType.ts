/** A media type without its parameters, in lower case, and the parameters that matter here. */
export type ContentType = { type: string; charset: string | undefined; boundary: string | undefined }

/** Reads a Content-Type header; one that is absent or empty has the type ''. */
export function parseContentType(header: string | undefined): ContentType {
  const [type = '', ...parameters] = (header ?? '').split(';')
  const values = new Map(
    parameters.flatMap((parameter): [string, string][] => {
      // Spaces are cut off first: a pattern that looks for them at the end takes the square of their number.
      const [, name, quoted, bare] =
        /^([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(.*))$/.exec(parameter.trim()) ?? []
      return name === undefined ? [] : [[name.toLowerCase(), quoted ?? bare ?? '']]
    }),
  )
  return {
    type: type.trim().toLowerCase(),
    charset: values.get('charset')?.toLowerCase() || undefined,
    boundary: values.get('boundary'),
  }
}
