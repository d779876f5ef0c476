import { Skeleton, VisuallyHidden } from '@mantine/core'

/** Shown while the code of a page loads. */
export function Loading() {
  return (
    <div>
      <VisuallyHidden role="status">Loading…</VisuallyHidden>
      <Skeleton height="1.95rem" width="14rem" mb="lg" />
      <Skeleton height="16rem" />
    </div>
  )
}
