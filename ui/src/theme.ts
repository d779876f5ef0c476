import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core'

/**
 * The one place for type, spacing, colour and motion. Dark text on a light background, hairlines between things, and
 * one accent: brass marks the current place and nothing else. States have their own colours, always with their name.
 * Success is subdued, failure is not.
 */

/** From background to text: greys with a hint of green. */
const ink: MantineColorsTuple = [
  '#f6f7f6',
  '#eceeec',
  '#dde1de',
  '#c3cac5',
  '#9aa39e',
  '#727b76',
  '#59625d',
  '#3d4541',
  '#242a27',
  '#171b19',
]

/** The same for dark mode. Mantine uses 0 for text, 4 for lines, 6 for fields and 7 for the page. */
const dark: MantineColorsTuple = [
  '#e8ece9',
  '#b3bbb6',
  '#9aa39e',
  '#6f7873',
  '#2f3633',
  '#262c29',
  '#181c1a',
  '#111413',
  '#0d100f',
  '#0a0c0b',
]

const red: MantineColorsTuple = [
  '#fbe9e7',
  '#f6d2ce',
  '#eeaba4',
  '#e58379',
  '#d95a4d',
  '#c73c2f',
  '#b3302a',
  '#a3261c',
  '#851d15',
  '#66150f',
]

type Tokens = Record<`--bw-${string}`, string>

const day: Tokens = {
  '--bw-page': '#f6f7f6',
  '--bw-surface': '#ffffff',
  '--bw-sunken': '#f0f2f0',
  '--bw-hover': '#eceeec',
  '--bw-line': '#dde1de',
  '--bw-line-strong': '#8b948f',
  '--bw-bar': '#9aa39e',
  '--bw-ink': '#171b19',
  '--bw-ink-hover': '#333a37',
  '--bw-on-ink': '#ffffff',
  '--bw-dim': '#59625d',
  '--bw-brass': '#a87a1f',
  '--bw-brass-soft': '#f6eedb',
  '--bw-focus': '#805a0c',
  '--bw-shadow': '0 1px 2px rgb(23 27 25 / 6%)',
  '--bw-good': '#1a6339',
  '--bw-good-soft': '#e2f1e7',
  '--bw-bad': '#a3261c',
  '--bw-bad-soft': '#fbe9e7',
  '--bw-busy': '#1b568f',
  '--bw-busy-soft': '#e3edf9',
  '--bw-wait': '#683c9b',
  '--bw-wait-soft': '#efe8f9',
  '--bw-rest': '#4c5550',
  '--bw-rest-soft': '#eceeec',
  '--bw-code-key': '#1b568f',
  '--bw-code-text': '#1a6339',
  '--bw-code-value': '#8a4a12',
}

const night: Tokens = {
  '--bw-page': '#111413',
  '--bw-surface': '#181c1a',
  '--bw-sunken': '#0d100f',
  '--bw-hover': '#222825',
  '--bw-line': '#2b312e',
  '--bw-line-strong': '#6f7873',
  '--bw-bar': '#59625d',
  '--bw-ink': '#e8ece9',
  '--bw-ink-hover': '#ffffff',
  '--bw-on-ink': '#111413',
  '--bw-dim': '#9aa39e',
  '--bw-brass': '#e0b354',
  '--bw-brass-soft': '#2c2515',
  '--bw-focus': '#e0b354',
  '--bw-shadow': 'none',
  '--bw-good': '#86d7a5',
  '--bw-good-soft': '#15291d',
  '--bw-bad': '#ff9f95',
  '--bw-bad-soft': '#341b18',
  '--bw-busy': '#94c5fb',
  '--bw-busy-soft': '#15263a',
  '--bw-wait': '#caabf5',
  '--bw-wait-soft': '#281d39',
  '--bw-rest': '#b3bbb6',
  '--bw-rest-soft': '#262c29',
  '--bw-code-key': '#94c5fb',
  '--bw-code-text': '#86d7a5',
  '--bw-code-value': '#e6b98a',
}

/** What the library's components use of the tokens above. */
const shared = {
  '--mantine-color-body': 'var(--bw-page)',
  '--mantine-color-text': 'var(--bw-ink)',
  '--mantine-color-dimmed': 'var(--bw-dim)',
  '--mantine-color-placeholder': 'var(--bw-dim)',
  '--mantine-color-error': 'var(--bw-bad)',
  '--mantine-color-anchor': 'var(--bw-ink)',
  '--mantine-color-default': 'var(--bw-surface)',
  '--mantine-color-default-hover': 'var(--bw-hover)',
  '--mantine-color-default-color': 'var(--bw-ink)',
  '--mantine-color-default-border': 'var(--bw-line)',
}

/** Motion lasts only as long as the eye needs to follow it; with reduced motion, nothing moves. */
const motion: Tokens = {
  '--bw-quick': '120ms',
  '--bw-slow': '220ms',
  '--bw-ease': 'cubic-bezier(0.2, 0, 0, 1)',
}

export const cssVariables: CSSVariablesResolver = () => ({
  variables: motion,
  light: { ...day, ...shared },
  dark: { ...night, ...shared },
})

export const theme = createTheme({
  colors: { ink, dark, gray: ink, red },
  primaryColor: 'ink',
  primaryShade: { light: 9, dark: 1 },
  black: '#171b19',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.55', lg: '1.55', xl: '1.5' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2.5rem' },
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '20px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'never',
  respectReducedMotion: true,
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.25' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  variantColorResolver(input) {
    const colors = defaultVariantColorsResolver(input)
    if (input.variant !== 'filled') return colors
    if (input.color === 'red') {
      return { ...colors, background: 'var(--bw-bad)', hover: 'var(--bw-bad)', color: 'var(--bw-surface)' }
    }
    return { ...colors, background: 'var(--bw-ink)', hover: 'var(--bw-ink-hover)', color: 'var(--bw-on-ink)' }
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    InputWrapper: {
      styles: {
        label: { marginBottom: '0.2rem' },
        description: { fontSize: 'var(--mantine-font-size-xs)', lineHeight: 1.45 },
        error: { fontSize: 'var(--mantine-font-size-xs)', whiteSpace: 'pre-line' },
      },
    },
    SegmentedControl: { styles: { label: { paddingInline: '0.55rem' } } },
    Switch: { defaultProps: { withThumbIndicator: false } },
    Radio: { defaultProps: { iconColor: 'var(--bw-on-ink)' } },
    Tooltip: { defaultProps: { openDelay: 250 } },
  },
})
