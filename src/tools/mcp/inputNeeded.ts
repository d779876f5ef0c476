/** A call ended because the server asks a person something first. */
export class InputNeeded {
  /** Requests of the protocol, by name. */
  readonly requests: Record<string, unknown>
  /** What the server wants back, from one of 2026. */
  readonly state: string | undefined

  constructor(requests: Record<string, unknown>, state: string | undefined) {
    this.requests = requests
    this.state = state
  }
}

/** Whether a call ended like that. */
export function isInputNeeded(result: object): result is InputNeeded {
  return result instanceof InputNeeded
}
