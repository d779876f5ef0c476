/**
 * Who makes a request: an operator with a key or signed in to the console, or a key limited to one agent. A session
 * opened with a link has no key.
 */
export type Principal =
  | { scope: 'admin'; keyId: string | undefined; agentId?: undefined }
  | { scope: 'agent'; keyId: string; agentId: string }
