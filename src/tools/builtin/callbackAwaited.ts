/** Ends a call that waits until a callback URL is called or its time is up. Then it is made again. */
export class CallbackAwaited extends Error {
  readonly callbackId: string
  readonly timeoutSeconds: number

  constructor(callbackId: string, timeoutSeconds: number) {
    super('the call waits for a callback')
    this.name = 'CallbackAwaited'
    this.callbackId = callbackId
    this.timeoutSeconds = timeoutSeconds
  }
}
