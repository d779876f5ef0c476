/** The URL as it may stand on a screen: everybody behind you could start the agent with the whole of it. */
export function maskUrl(url: string): string {
  return url.replace(/[^/]+$/, '•'.repeat(16))
}
