/** Where the console stands: `/`, or the path that the public URL has. Ends with a slash. */
export function basePath(): string {
  return new URL(document.baseURI).pathname
}

/** The address of something on this server. `path` has no slash at its front. */
export function here(path: string): URL {
  return new URL(path, document.baseURI)
}
