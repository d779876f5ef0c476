/** The console's base path: `/`, or the path of the public URL. Ends with a slash. */
export function basePath(): string {
  return new URL(document.baseURI).pathname
}

/** A URL on this server. `path` has no leading slash. */
export function here(path: string): URL {
  return new URL(path, document.baseURI)
}
