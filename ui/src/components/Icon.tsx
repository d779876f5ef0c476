import type { ReactNode } from 'react'

const SHAPES = {
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.500 5.500v-1.500a1.500 1.500 0 0 0-1.500-1.500h-5a1.500 1.500 0 0 0-1.500 1.500v5a1.500 1.500 0 0 0 1.500 1.500h1.500" />
    </>
  ),
  check: <path d="m3 8.500 3.200 3.200 6.800-7.200" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.750" />
      <path d="M8 1.250v1.500m0 10.500v1.500m6.750-6.750h-1.500m-10.500 0h-1.500m11.520-4.770-1.060 1.060m-7.420 7.420-1.060 1.060m9.540 0-1.060-1.060m-7.420-7.420-1.060-1.060" />
    </>
  ),
  moon: <path d="M13.500 9.700a5.750 5.750 0 0 1-7.200-7.200 5.750 5.750 0 1 0 7.200 7.200Z" />,
  plus: <path d="M8 3v10m-5-5h10" />,
  right: <path d="m6 3.500 4.500 4.500-4.500 4.500" />,
  out: <path d="M6.500 2.500h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3m3.500-2.500 3-3-3-3m3 3h-6.500" />,
  turn: (
    <path d="M13.300 7a5.400 5.400 0 0 0-10-1.600l-.8 1.100m0-3.800v3.800h3.800m-3.600 2.500a5.400 5.400 0 0 0 10 1.600l.8-1.100m0 3.800v-3.800h-3.800" />
  ),
} satisfies Record<string, ReactNode>

/** A drawing beside words, never in their place: hidden from whoever listens. */
export function Icon({ name, size = 16 }: { name: keyof typeof SHAPES; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {SHAPES[name]}
    </svg>
  )
}
