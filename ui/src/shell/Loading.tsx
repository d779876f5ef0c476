import { Skeleton, VisuallyHidden } from '@mantine/core'

/** Where a page will be whose code is on its way. */
export function Loading() {
  return (
    <div>
      <VisuallyHidden role="status">Loading…</VisuallyHidden>
      <Skeleton height="1.95rem" width="14rem" mb="lg" />
      <Skeleton height="16rem" />
    </div>
  )
}
