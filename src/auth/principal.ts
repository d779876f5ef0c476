/** Who makes a request: a key of the operators, or a key that may only talk to one agent. */
export type Principal =
  { scope: 'admin'; keyId: string; agentId?: undefined } | { scope: 'agent'; keyId: string; agentId: string }
