import { BellwireError } from '../../errors.ts'

/**
 * Makes the pointers of an error lead to where a value is in the body of the request.
 *
 * @param pointer of the value, such as `/draft`
 * @param checked rejects with pointers into the value
 */
export async function pointBelow<T>(pointer: string, checked: Promise<T>): Promise<T> {
  try {
    return await checked
  } catch (error) {
    if (!(error instanceof BellwireError) || !error.options.errors) throw error
    const errors = error.options.errors.map((one) => ({ ...one, pointer: pointer + one.pointer }))
    throw new BellwireError(error.code, error.message, { ...error.options, errors, cause: error })
  }
}
