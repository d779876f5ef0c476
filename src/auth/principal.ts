/**
 * Who makes a request: an operator with a key or signed in to the console, or a key that may only talk to one
 * agent. A session that a link opened has no key.
 */
export type Principal =
  | { scope: 'admin'; keyId: string | undefined; agentId?: undefined }
  | { scope: 'agent'; keyId: string; agentId: string }
