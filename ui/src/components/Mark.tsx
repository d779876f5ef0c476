/** A bell on a wire. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path d="M2.500 17.500h19" stroke="currentColor" strokeWidth="1.750" strokeLinecap="round" />
      <path d="M6.500 17.500c0-6 1.700-9.700 5.500-9.700s5.500 3.700 5.500 9.700z" fill="var(--bw-brass)" />
      <circle cx="12" cy="5.600" r="1.600" fill="var(--bw-brass)" />
    </svg>
  )
}
