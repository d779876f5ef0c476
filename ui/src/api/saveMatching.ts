import { ApiError } from './apiError.ts'

/**
 * Saves only over the version that a form was made of. When somebody else has saved something meanwhile that the form
 * does not show, it is saved over that: there is nothing to look at.
 *
 * @param save sends the change with an ETag
 * @param readLatest reads what is saved now
 * @param isOverlapping whether somebody should look at it first
 * @throws ApiError `precondition_failed` when somebody should
 */
export async function saveMatching<Saved extends { version: string | number }>({
  base,
  save,
  readLatest,
  isOverlapping,
}: {
  base: Saved
  save: (headers: { 'if-match': string }) => Promise<Saved>
  readLatest: () => Promise<Saved>
  isOverlapping: (latest: Saved) => boolean
}): Promise<Saved> {
  try {
    return await save(matching(base))
  } catch (failure) {
    if (!ApiError.isOvertaken(failure)) throw failure
    const latest = await readLatest()
    if (isOverlapping(latest)) throw failure
    return save(matching(latest))
  }
}

function matching({ version }: { version: string | number }): { 'if-match': string } {
  return { 'if-match': `"${version}"` }
}
