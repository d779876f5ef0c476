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
  more: <path d="M3.500 8h.010m4.490 0h.010m4.490 0h.010" strokeWidth="2" />,
  key: (
    <>
      <circle cx="5.250" cy="10.750" r="2.750" />
      <path d="m7.250 8.750 6-6m-2 2 2 2m-4 0 1.500 1.500" />
    </>
  ),
  play: <path d="M5 3.250v9.500l7.500-4.750z" />,
  right: <path d="m6 3.500 4.500 4.500-4.500 4.500" />,
  out: <path d="M6.500 2.500h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3m3.500-2.500 3-3-3-3m3 3h-6.500" />,
  overview: (
    <>
      <rect x="2.250" y="2.250" width="4.750" height="6.250" rx="1" />
      <rect x="9" y="2.250" width="4.750" height="3.500" rx="1" />
      <rect x="2.250" y="10.750" width="4.750" height="3" rx="1" />
      <rect x="9" y="8" width="4.750" height="5.750" rx="1" />
    </>
  ),
  agents: (
    <>
      <path d="M3.750 11.250c0-4.500 1.300-7 4.250-7s4.250 2.500 4.250 7z" />
      <path d="M2.250 11.250h11.500m-7.250 2.250h3m-1.500-11.250v2" />
    </>
  ),
  tasks: <path d="M6.250 4h7.250m-7.250 4h7.250m-7.250 4h7.250m-11-8h.010m-.010 4h.010m-.010 4h.010" />,
  approvals: (
    <>
      <circle cx="8" cy="8" r="5.750" />
      <path d="m5.500 8.200 1.800 1.800 3.300-3.800" />
    </>
  ),
  rejections: (
    <>
      <circle cx="8" cy="8" r="5.750" />
      <path d="m4 4 8 8" />
    </>
  ),
  schedules: (
    <>
      <circle cx="8" cy="8" r="5.750" />
      <path d="M8 4.750v3.250l2.250 1.500" />
    </>
  ),
  usage: <path d="M2.500 13.500h11m-9.250-2.500v-3.250m3.750 3.250v-7.750m3.750 7.750v-5" />,
  settings: (
    <>
      <path d="M2.250 5h5.750m4 0h1.750m-11.500 6h1.750m4 0h5.750" />
      <circle cx="10" cy="5" r="1.900" />
      <circle cx="6" cy="11" r="1.900" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.500" />
      <path d="m10.500 10.500 3 3" />
    </>
  ),
  menu: <path d="M2.500 4.500h11m-11 3.500h11m-11 3.500h11" />,
  keyboard: (
    <>
      <rect x="1.750" y="4" width="12.500" height="8" rx="1.500" />
      <path d="M4.500 6.700h.010m2.330 0h.010m2.320 0h.010m2.320 0h.010m-7 2.650h6.500" />
    </>
  ),
  warning: <path d="M8 2.500 14 13h-12zm0 4v3m0 1.800v.010" />,
  turn: (
    <path d="M13.300 7a5.400 5.400 0 0 0-10-1.600l-.8 1.100m0-3.800v3.800h3.800m-3.600 2.500a5.400 5.400 0 0 0 10 1.600l.8-1.100m0 3.800v-3.800h-3.800" />
  ),
} satisfies Record<string, ReactNode>

/** An icon next to text, never instead of it: hidden from screen readers. */
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
